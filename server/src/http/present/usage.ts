import type { dailyUsageSchema, ledgerEntrySchema, planSchema, usageSchema } from '@parley/protocol/usage-schemas';
import type { z } from 'zod';
import type { QuotaFigures, Usage } from '../../core/usage/get-usage.ts';
import type { OwnedLedgerEntry } from '../../core/usage/list-ledger.ts';
import type { Plan } from '../../core/usage/plan.ts';
import type { DailyUsage, UsageFigures } from '../../core/usage/usage-store.ts';
import { presentTime } from './time.ts';

export const presentPlan = (plan: Plan): z.output<typeof planSchema> => ({
  name: plan.name,
  messages_per_month: plan.messagesPerMonth,
  warn_at: plan.warnAt,
  requests_per_minute: plan.requestsPerMinute,
  bots: plan.bots,
  memory_messages: plan.memoryMessages,
  concurrent_streams: plan.concurrentStreams,
});

const presentFigures = (figures: UsageFigures) => ({
  turns: figures.turns,
  messages: figures.messages,
  input_tokens: figures.inputTokens,
  output_tokens: figures.outputTokens,
  memory_input_tokens: figures.memoryInputTokens,
  memory_output_tokens: figures.memoryOutputTokens,
});

const presentQuotaFigures = ({ used, reserved, limit, remaining, warnAt }: QuotaFigures) => ({
  used,
  reserved,
  limit,
  remaining,
  warn_at: warnAt,
});

export const presentUsage = (usage: Usage): z.output<typeof usageSchema> => ({
  object: 'usage',
  period: { start: presentTime(usage.period.start), end: presentTime(usage.period.end) },
  plan: presentPlan(usage.plan),
  messages: presentQuotaFigures(usage.messages),
  tokens: {
    input: usage.total.inputTokens,
    output: usage.total.outputTokens,
    memory_input: usage.total.memoryInputTokens,
    memory_output: usage.total.memoryOutputTokens,
  },
  by_channel: Object.fromEntries([...usage.byChannel].map(([channel, figures]) => [channel, presentFigures(figures)])),
  by_bot: usage.byBot.map(({ botId, figures, quota }) => ({
    bot_id: botId,
    ...presentFigures(figures),
    quota: quota && presentQuotaFigures(quota),
  })),
  by_client: usage.byClient.map(({ workspaceId, name, messages }) => ({
    workspace_id: workspaceId,
    name,
    messages: presentQuotaFigures(messages),
  })),
});

export const presentDailyUsage = (days: {
  items: readonly DailyUsage[];
  hasMore: boolean;
}): z.output<typeof dailyUsageSchema> => ({
  object: 'list',
  data: days.items.map((usage) => ({
    object: 'daily_usage',
    day: usage.day,
    bot_id: usage.botId,
    channel: usage.channel,
    ...presentFigures(usage),
  })),
  has_more: days.hasMore,
});

export const presentLedgerEntry = (entry: OwnedLedgerEntry): z.output<typeof ledgerEntrySchema> => ({
  id: entry.id,
  object: 'ledger_entry',
  owner: entry.owner,
  period_start: presentTime(entry.periodStart),
  turn_id: entry.turnId,
  bot_id: entry.botId,
  channel: entry.channel,
  messages: entry.messages,
  created_at: presentTime(entry.createdAt),
});
