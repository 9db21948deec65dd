/** Two users that are one person. Each link stands once, the smaller id first. */
export interface UserLinksTable {
  workspace_id: string;
  mode: 'live' | 'test';
  user_id: string;
  other_id: string;
  created_at: number;
}
