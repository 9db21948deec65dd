/** A bot as it was from one change to the next; never changed. */
export interface BotVersionsTable {
  workspace_id: string;
  bot_id: string;
  version: number;
  /** JSON of `BotConfig`. */
  config: string;
  created_by: string;
  created_at: number;
}
