/** The end of each workspace's chain of audit entries: how many there are, and the hash of the last one. */
export interface AuditHeadsTable {
  workspace_id: string;
  length: number;
  hash: string;
}
