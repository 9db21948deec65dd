import type { Scope } from './scope.ts';

export type KeyType = 'live' | 'test' | 'publishable';

/** An API key. Its id, limits and history outlive its secrets, which rotate. */
export type Key = {
  id: string;
  workspaceId: string;
  name: string;
  type: KeyType;
  scopes: Scope[];
  /** Null: every bot of the workspace. */
  botIds: string[] | null;
  allowedOrigins: string[];
  /** The principal's name, or `cli`. */
  createdBy: string;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  /** Newest first; those whose overlap has ended are left out. */
  secrets: KeySecret[];
};

/** One secret of a key, of which only the HMAC is stored. */
export type KeySecret = {
  id: string;
  /** HMAC-SHA-256 under the pepper, base64url. */
  hash: string;
  lastFour: string;
  createdAt: number;
  /** The end of a rotation's overlap; null for the newest secret. */
  expiresAt: number | null;
  lastUsedAt: number | null;
};
