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
  /** Of a publishable key: the origins whose pages may use it; empty for all others. */
  allowedOrigins: string[];
  /** The principal's name, or `cli`. */
  createdBy: string;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  /** Newest first; those whose overlap has ended are left out. */
  secrets: KeySecret[];
};

/** One secret of a key, of which only the HMAC is stored unless it is public. */
export type KeySecret = {
  id: string;
  /** As `hashSecret` makes it. */
  hash: string;
  lastFour: string;
  createdAt: number;
  /** The end of a rotation's overlap; null for the newest secret. */
  expiresAt: number | null;
  lastUsedAt: number | null;
  /** The secret itself where the key is publishable, since every page that uses it shows it; null for all others. */
  publicSecret: string | null;
};
