/** A tenant; an agency’s client has its agency as parent. */
export interface WorkspacesTable {
  id: string;
  parent_id: string | null;
  name: string;
  plan: string | null;
  created_at: number;
  deleted_at: number | null;
}
