/** What still stands under another master secret than the current one. */
export type RotationLeft = {
  /** Sealed secrets. */
  secrets: number;
  /** Keys of which a secret that works was not used since; at most 20 ids, oldest first. */
  keyIds: string[];
  keys: number;
  /** Stored answers that show a secret, and are kept for a day. */
  answers: number;
};

export interface RotationReader {
  /** When the rotation that is under way began; null where none is. */
  startedAt(): Promise<number | null>;
  /** `pepperTag`: what hashes under the current secret begin with. `sealedBefore`: when the rotation began. */
  left(of: { pepperTag: string; sealedBefore: number; now: number }): Promise<RotationLeft>;
}
