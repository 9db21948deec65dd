import type { Json } from '../json.ts';

/** One act of administration. Never holds a secret or a message's text. */
export type AuditEntry = {
  workspaceId: string;
  /** `principalName`, `cli` or `system`. */
  actor: string;
  /** `noun.verb`: `key.create`. */
  action: string;
  /** The id of what was acted on. */
  target: string;
  detail: Json;
  at: number;
};

export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
}
