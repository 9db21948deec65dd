/** An owner’s counters in one period. */
export interface QuotaPeriodsTable {
  workspace_id: string;
  owner_id: string;
  period_start: number;
  period_end: number;
  reserved: number;
  used: number;
  /** Those in force when a message was last reserved. */
  hard_limit: number | null;
  warn_at: number | null;
}
