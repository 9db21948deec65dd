/** A bot and which of its versions is current. */
export interface BotsTable {
  workspace_id: string;
  id: string;
  name: string;
  version: number;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
}
