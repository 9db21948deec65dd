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
}
