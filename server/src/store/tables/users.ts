/** An end user under the caller’s name. Linked users share a person. */
export interface UsersTable {
  workspace_id: string;
  user_id: string;
  person_id: string;
  /** JSON object. */
  traits: string;
  created_at: number;
}
