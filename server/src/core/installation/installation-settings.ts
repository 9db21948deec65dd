/** Facts about this installation, by name. */
export interface InstallationSettings {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
}

/** Tells master secrets apart without giving one away. */
export const secretFingerprintName = 'secret_fingerprint';
