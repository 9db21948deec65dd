/** How long an Idempotency-Key stands for its answer. */
export const idempotencyKeptMs = 24 * 60 * 60 * 1_000;

/** Whose retry of what: a key is unique within workspace, principal and route. */
export type IdempotencyScope = {
  workspaceId: string;
  /** `principalName`. */
  principal: string;
  /** The operation's name; the ids in its path are part of the fingerprint. */
  route: string;
  key: string;
  /** SHA-256 of the request: method, path and body. */
  fingerprint: string;
};

/** An answer as it was given. */
export type StoredResponse = {
  status: number;
  body: Uint8Array;
  sealed: boolean;
  /** The conversation, turn, bot or user that it tells of, and is deleted with; null for what tells of none. */
  subjectId: string | null;
};

export type IdempotencyClaim =
  | { kind: 'claimed' }
  | { kind: 'mismatch' }
  | { kind: 'replay'; response: StoredResponse };

/** For routes other than chat, whose rows are written with the turn. All within one transaction. */
export interface IdempotencyStore {
  /** True where the key stands for an answer. */
  isKnown(scope: IdempotencyScope): Promise<boolean>;
  /** What a claim would meet; null where the key is free. */
  find(scope: IdempotencyScope): Promise<Exclude<IdempotencyClaim, { kind: 'claimed' }> | null>;
  claim(scope: IdempotencyScope, expiresAt: number): Promise<IdempotencyClaim>;
  complete(scope: IdempotencyScope, response: StoredResponse): Promise<void>;
  /** Removes at most `limit` rows that expired before `now`; gives their number. */
  removeExpired(now: number, limit: number): Promise<number>;
}
