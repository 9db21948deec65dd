/** What an Idempotency-Key has done. Chat rows point at their turn, others hold the answer. */
export interface IdempotencyKeysTable {
  workspace_id: string;
  principal: string;
  route: string;
  key: string;
  fingerprint: string;
  /** What it is deleted with: the turn that a chat call made, or the conversation, turn, bot or user that an answer tells of. */
  subject_id: string | null;
  status: number | null;
  body: Uint8Array | null;
  /** 1 where the body is encrypted under a key derived from the Idempotency-Key itself. */
  sealed: number;
  expires_at: number;
}
