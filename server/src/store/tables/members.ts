/** People of a workspace. */
export interface MembersTable {
  workspace_id: string;
  id: string;
  /** Normalised, and unique in the workspace. */
  email: string;
  name: string;
  role: string;
  created_at: number;
  updated_at: number;
}
