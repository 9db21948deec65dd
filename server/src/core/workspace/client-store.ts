import type { Page, PageRequest } from '../page.ts';
import type { Client, ClientUsage } from './client.ts';

/** Client workspaces by their parent. Those that are being deleted are not found. */
export interface ClientReader {
  find(parentId: string, clientId: string): Promise<Client | null>;
  list(parentId: string, page: PageRequest): Promise<Page<Client>>;
  count(parentId: string): Promise<number>;
  /** What clients have used in a period, the most used first. */
  usage(parentId: string, periodStart: number, limit: number): Promise<ClientUsage[]>;
}

export interface ClientStore extends ClientReader {
  /** Inserts it with the root of its quota tree. */
  insert(client: Client): Promise<void>;
  update(client: Client): Promise<void>;
  /** Marks it as gone: nothing finds it, and no key of it lets anybody in. What it holds is deleted in batches by a job. */
  markDeleted(client: Pick<Client, 'id' | 'parentId'>, at: number): Promise<void>;
  /**
   * Removes about `limit` rows of a workspace that is marked as deleted, or of one that is gone already; `done` when
   * nothing is left. `endedTurns` were running or waiting, and have ended as by a cancel.
   */
  purge(workspaceId: string, batch: { limit: number; at: number }): Promise<{ done: boolean; endedTurns: string[] }>;
}
