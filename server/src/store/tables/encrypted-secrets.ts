/** Secrets that must be readable again: provider keys, webhook secrets, channel tokens. */
export interface EncryptedSecretsTable {
  workspace_id: string;
  id: string;
  purpose: string;
  subject_id: string;
  /** AES-256-GCM; see `kit/seal.ts`. */
  ciphertext: Uint8Array;
  key_version: number;
  last_four: string;
  created_at: number;
  /** When it stops being used: the end of a rotation’s overlap; null for one that goes on. */
  expires_at: number | null;
}
