/** Facts about this installation, by name. */
export interface InstallationSettings {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Tells master secrets apart without giving one away: the one that everything stands under. */
export const secretFingerprintName = 'secret_fingerprint';

/** Of the master secret that everything is being brought under; there while one replaces the other. */
export const nextFingerprintName = 'next_secret_fingerprint';

/** When that began, in milliseconds. */
export const rotationStartName = 'secret_rotation_started_at';
