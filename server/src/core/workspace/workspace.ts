/** The tenant. A client workspace has its agency's as parent. */
export type Workspace = {
  id: string;
  parentId: string | null;
  name: string;
  /** Null: the default of the plans file. */
  plan: string | null;
  createdAt: number;
};

export interface WorkspaceReader {
  find(workspaceId: string): Promise<Workspace | null>;
  /** The first one made: where the command line works unless told otherwise. */
  findDefault(): Promise<Workspace | null>;
}

export interface WorkspaceStore extends WorkspaceReader {
  /** Inserts it with the root of its quota tree. */
  insert(workspace: Workspace): Promise<void>;
}
