/** An end user under the caller’s name, apart by mode. Linked users share a person. */
export interface UsersTable {
  workspace_id: string;
  mode: 'live' | 'test';
  user_id: string;
  /** Their own user id, or where they are linked an id that all users of the person share. */
  person_id: string;
  /** JSON object. */
  traits: string;
  /** JSON of what is remembered of them; null for nothing. */
  facts: string | null;
  created_at: number;
}
