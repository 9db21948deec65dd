/** What is kept of a turn for looking back: its receipt, and for some time its event log. */
export interface TurnRecordsTable {
  workspace_id: string;
  turn_id: string;
  receipt: string | null;
  log: string | null;
  ended_at: number;
}
