import type { Json } from '../json.ts';
import type { Page, PageRequest } from '../page.ts';

/** One act of administration. Never holds a secret or a message's text. */
export type AuditEntry = {
  workspaceId: string;
  /** `principalName`, `cli`, `system`, or `invitation:…` for who accepts one. */
  actor: string;
  /** `noun.verb`: `key.create`. */
  action: string;
  /** The id of what was acted on. */
  target: string;
  detail: Json;
  at: number;
};

/** An entry with its place in the workspace's chain, which is null where it was written before there was one. */
export type StoredAuditEntry = AuditEntry & { id: string; link: AuditLink | null };

/** What ties an entry to the one before it; see `audit-chain.ts`. */
export type AuditLink = {
  /** From 1. */
  position: number;
  /** Empty in the first entry. */
  previousHash: string;
  hash: string;
};

/** The end of a workspace's chain. */
export type AuditHead = { workspaceId: string; length: number; hash: string };

/** An entry of the chain as it lies in the store: its detail is the text that was hashed. */
export type AuditRecord = Omit<AuditEntry, 'detail'> & AuditLink & { id: string; detail: string };

/** Null: whatever it is. */
export type AuditFilter = { action: string | null; actor: string | null; target: string | null };

export interface AuditReader {
  /** Newest first. */
  list(workspaceId: string, filter: AuditFilter, page: PageRequest): Promise<Page<StoredAuditEntry>>;
  /** At most `limit` chains, by workspace, behind the one named. */
  heads(afterWorkspaceId: string, limit: number): Promise<AuditHead[]>;
  /** At most `limit` entries of a chain in its order, behind the position named. */
  chain(workspaceId: string, afterPosition: number, limit: number): Promise<AuditRecord[]>;
}

export interface AuditLog {
  /** Adds an entry to the end of the workspace's chain, which nobody else adds to until the transaction has ended. */
  append(entry: AuditEntry): Promise<void>;
}
