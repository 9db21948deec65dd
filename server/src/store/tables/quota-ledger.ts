/** One charge to one owner; the sums equal the counters. */
export interface QuotaLedgerTable {
  workspace_id: string;
  owner_id: string;
  id: string;
  period_start: number;
  turn_id: string;
  bot_id: string;
  channel: string;
  messages: number;
  created_at: number;
}
