/** A workspace's own model providers. Their keys are in `encrypted_secrets`. */
export interface ProvidersTable {
  workspace_id: string;
  id: string;
  /** What stands before the slash in a model's name; unique in the workspace. */
  name: string;
  type: string;
  /** Null: the vendor's own address. */
  base_url: string | null;
  secret_id: string;
  last_four: string;
  created_at: number;
  updated_at: number;
}
