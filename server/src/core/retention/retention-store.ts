import type { Retention, RetentionBounds } from './retention.ts';

/** A conversation of which something may have to go. */
export type Overdue = { conversationId: string; isSilent: boolean };

export interface RetentionReader {
  find(workspaceId: string): Promise<Retention>;
  /** Workspaces that want something removed, by id, behind the one named. */
  listWorkspaces(afterId: string, limit: number): Promise<{ workspaceId: string; retention: Retention }[]>;
  /**
   * Looks at some of the workspace's conversations, by id, behind the one named. `next`: where to go on; null at the end.
   */
  listOverdue(
    workspaceId: string,
    bounds: RetentionBounds,
    afterId: string,
  ): Promise<{ overdue: Overdue[]; next: string | null }>;
}

export interface RetentionStore extends Pick<RetentionReader, 'find'> {
  save(workspaceId: string, retention: Retention): Promise<void>;
  /**
   * Removes about `limit` messages of a conversation that are too old or too many, in whole turns from the oldest on, and
   * nothing from a turn on that waits or runs. `done`: nothing more has to go; `removed`: messages and turns.
   */
  prune(
    workspaceId: string,
    conversationId: string,
    of: RetentionBounds & { limit: number; now: number },
  ): Promise<{ done: boolean; removed: number }>;
}
