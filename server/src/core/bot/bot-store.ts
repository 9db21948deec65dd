import type { Mode } from '../access/principal.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Bot, BotVersion } from './bot.ts';

export interface BotReader {
  find(workspaceId: string, botId: string): Promise<Bot | null>;
  /** The bot as that version describes it, also one that is being deleted: its turns still run. */
  findVersion(workspaceId: string, botId: string, version: number): Promise<Bot | null>;
  /** The version as it was made, with who made it. */
  readVersion(workspaceId: string, botId: string, version: number): Promise<BotVersion | null>;
  /** Newest first; cursors are numbers of versions. */
  listVersions(workspaceId: string, botId: string, page: PageRequest<number>): Promise<Page<BotVersion>>;
  list(workspaceId: string, page: PageRequest, botIds: readonly string[] | null): Promise<Page<Bot>>;
  count(workspaceId: string): Promise<number>;
  /** `mode` null: of either. */
  hasConversations(workspaceId: string, botId: string, mode: Mode | null): Promise<boolean>;
}

export interface BotStore extends BotReader {
  insert(bot: Omit<Bot, 'quotas'>, createdBy: string): Promise<void>;
  /** Sets what the bot and its users may use; null for no limits. */
  setQuotas(bot: Pick<Bot, 'workspaceId' | 'id' | 'quotas'>, at: number): Promise<void>;
  /** Makes `bot` the current version. False where the stored version is not `bot.version - 1`. */
  insertVersion(bot: Omit<Bot, 'quotas'>, createdBy: string): Promise<boolean>;
  /** Marks it as gone: nothing finds it any more. What belongs to it is deleted in batches by a job. */
  markDeleted(workspaceId: string, botId: string, at: number): Promise<void>;
  /**
   * Removes about `limit` rows that belong to a deleted bot, its conversations with them; `done` when nothing is left.
   * `endedTurns` were running or waiting, and have ended as by a cancel.
   */
  purge(
    workspaceId: string,
    botId: string,
    batch: { limit: number; at: number },
  ): Promise<{ done: boolean; endedTurns: string[] }>;
}
