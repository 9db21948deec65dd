import type { QuotaLimits } from '../usage/quota-limits.ts';

/** The tenant. A client workspace has its agency's as parent. */
export type Workspace = {
  id: string;
  parentId: string | null;
  name: string;
  /** Null: the default of the plans file, and for a client that takes a share of its parent's quota its parent's. */
  plan: string | null;
  createdAt: number;
};

/** A workspace with what its terms follow from. */
export type WorkspaceInForce = Workspace & {
  /** Of a client without a plan of its own: what it may take of its parent's quota. */
  share: QuotaLimits | null;
  parentPlan: string | null;
};

export interface WorkspaceReader {
  find(workspaceId: string): Promise<WorkspaceInForce | null>;
  /** The first one made: where the command line works unless told otherwise. */
  findDefault(): Promise<Workspace | null>;
}

export interface WorkspaceStore extends WorkspaceReader {
  /** Inserts it with the root of its quota tree. */
  insert(workspace: Workspace): Promise<void>;
}
