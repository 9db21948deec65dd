import type { Mode } from '../access/principal.ts';
import type { Channel } from '../conversation/conversation.ts';
import type { Page, PageRequest } from '../page.ts';

/** One charged message. The sum over an owner and a period equals the `used` of its counter. */
export type LedgerEntry = {
  id: string;
  ownerId: string;
  periodStart: number;
  turnId: string;
  botId: string;
  channel: Channel;
  messages: number;
  createdAt: number;
};

/** What one bot did on one channel in a day, by the time at which its turns were accepted. */
export type DailyUsage = {
  day: string;
  botId: string;
  channel: Channel;
  turns: number;
  messages: number;
  inputTokens: number;
  outputTokens: number;
};

export interface UsageReader {
  /** Zeros where nothing was used yet. */
  counter(workspaceId: string, ownerId: string, periodStart: number): Promise<{ used: number; reserved: number }>;
  /** Days from `from` to `to` inclusive, oldest first, at most `limit` rows. */
  daily(
    workspaceId: string,
    span: { mode: Mode; from: string; to: string; botId?: string },
    limit: number,
  ): Promise<DailyUsage[]>;
  ledger(workspaceId: string, ownerId: string, page: PageRequest): Promise<Page<LedgerEntry>>;
}
