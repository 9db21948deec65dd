/** What a secret is for that must be readable again, unlike a key's, of which only a hash is kept. */
export type EncryptedSecretPurpose = 'provider_key' | 'webhook_secret' | 'channel_token' | 'user_token_secret';

/** As much of it as may be shown. */
export type EncryptedSecret = {
  id: string;
  workspaceId: string;
  purpose: EncryptedSecretPurpose;
  /** What it belongs to: a provider, an endpoint, a channel, a bot. It has several while one replaces another. */
  subjectId: string;
  lastFour: string;
  createdAt: number;
  /** When it stops being used: the end of a rotation's overlap; null for one that goes on. */
  expiresAt: number | null;
};

export interface EncryptedSecretReader {
  /** Newest first; those that have ended too. */
  list(workspaceId: string, of: { purpose: EncryptedSecretPurpose; subjectId: string }): Promise<EncryptedSecret[]>;
  /** The secret itself, or null where there is none. Throws internal_error where it does not open. */
  reveal(workspaceId: string, secretId: string): Promise<string | null>;
}

/** Encrypted at rest, each for its own place: a value that was moved to another row or workspace does not open. */
export interface EncryptedSecretStore extends EncryptedSecretReader {
  insert(secret: EncryptedSecret, value: string): Promise<void>;
  /** Lets it end at `at`, if it does not end sooner. */
  end(workspaceId: string, secretId: string, at: number): Promise<void>;
  remove(workspaceId: string, secretId: string): Promise<void>;
  /** Encrypts at most `limit` secrets again that stand under another key than the current one; gives their number. */
  renewEncryption(limit: number): Promise<number>;
}
