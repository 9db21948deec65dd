import type { Mode } from '../access/principal.ts';
import type { Channel } from '../conversation/conversation.ts';
import type { Page, PageRequest } from '../page.ts';
import type { QuotaLimits } from './quota-limits.ts';

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

/** What turns did. `messages`: those charged. */
export type UsageFigures = {
  turns: number;
  messages: number;
  inputTokens: number;
  outputTokens: number;
  /** What models used to remember, beside any turn. */
  memoryInputTokens: number;
  memoryOutputTokens: number;
};

/** What one bot did on one channel, by the time at which its turns were accepted. */
export type BotUsage = UsageFigures & { botId: string; channel: Channel };

export type DailyUsage = BotUsage & { day: string };

/** Days from `from` to `to` inclusive, as `YYYY-MM-DD`; `botIds` null for every bot. */
export type UsageSpan = { mode: Mode; from: string; to: string; botIds: readonly string[] | null };

/** A node of the quota tree with its counters in one period. */
export type QuotaNode = { ownerId: string; limits: QuotaLimits; used: number; reserved: number };

export interface UsageReader {
  /** The bots that have limits, at most `limit` of them. */
  botNodes(workspaceId: string, periodStart: number, limit: number): Promise<QuotaNode[]>;
  /** With the limits in force when it was reserved last; null where nothing was in that period. */
  node(workspaceId: string, ownerId: string, periodStart: number): Promise<QuotaNode | null>;
  /** Zeros where nothing was used yet. */
  counter(workspaceId: string, ownerId: string, periodStart: number): Promise<{ used: number; reserved: number }>;
  /** By day, bot and channel, oldest first, at most `limit` rows. */
  daily(workspaceId: string, span: UsageSpan, limit: number): Promise<DailyUsage[]>;
  /** Over the whole span, by bot and channel, at most `limit` rows. */
  sums(workspaceId: string, span: UsageSpan, limit: number): Promise<BotUsage[]>;
  ledger(
    workspaceId: string,
    filter: { ownerId: string; botIds: readonly string[] | null },
    page: PageRequest,
  ): Promise<Page<LedgerEntry>>;
}
