/** Acts of administration, only ever added to. */
export interface AuditLogTable {
  workspace_id: string;
  id: string;
  actor: string;
  action: string;
  target: string;
  /** JSON. */
  detail: string;
  created_at: number;
  /** Its place in the workspace's chain, from 1; null before there was one. */
  position: number | null;
  /** That of the entry before; empty in the first. */
  previous_hash: string | null;
  hash: string | null;
}
