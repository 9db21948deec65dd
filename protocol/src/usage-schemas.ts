import { z } from 'zod';
import { botId, count, pageQuery, timestamp, turnId, workspaceId } from './common-schemas.ts';
import { channelSchema } from './conversation-schemas.ts';

const day = z.iso.date({ error: 'must be a day like 2026-12-01' }).describe('A day in UTC, `YYYY-MM-DD`.');

const limit = count.nullable().describe('Null for no limit.');

const figures = {
  turns: count.describe('Turns that ended.'),
  messages: count.describe('Messages charged.'),
  input_tokens: count.describe('What models read in turns.'),
  output_tokens: count.describe('What models wrote in turns.'),
  memory_input_tokens: count.describe('What models read to remember, beside any turn. Charged to nobody.'),
  memory_output_tokens: count.describe('What models wrote to remember. Charged to nobody.'),
};

export const planSchema = z
  .strictObject({
    name: z.string().describe('As the plans of the server name it.'),
    messages_per_month: limit.describe('Messages of a calendar month (UTC); null for no limit.'),
    warn_at: count.nullable().describe('Messages of a month at which `usage.threshold` tells of it; null for none.'),
    requests_per_minute: limit.describe('Requests of the workspace; null for no limit.'),
    bots: limit.describe('Bots of the workspace; null for no limit.'),
    memory_messages: count.describe('Messages shown to the model as they are.'),
    concurrent_streams: limit.describe('Streams that are open at once; null for no limit.'),
  })
  .meta({ id: 'Plan' });

const quotaFigures = z.strictObject({
  used: count.describe('Charged so far in the period.'),
  reserved: count.describe('Held by turns that have not ended.'),
  limit,
  remaining: count.nullable().describe('Null where there is no limit.'),
  warn_at: count.nullable().describe('Where `usage.threshold` tells of it; null for none.'),
});

export const usageSchema = z
  .strictObject({
    object: z.literal('usage').describe('What this is.'),
    period: z
      .strictObject({
        start: timestamp.describe('Its first moment.'),
        end: timestamp.describe('The first moment of the next period.'),
      })
      .describe('The calendar month (UTC).'),
    plan: planSchema.describe('The plan of the workspace.'),
    messages: quotaFigures.describe('The quota of the whole workspace.'),
    tokens: z
      .strictObject({
        input: count.describe('What models read in turns.'),
        output: count.describe('What models wrote in turns.'),
        memory_input: count.describe('What models read to remember, beside any turn. Charged to nobody.'),
        memory_output: count.describe('What models wrote to remember. Charged to nobody.'),
      })
      .describe('Of all turns of the period.'),
    by_channel: z
      .partialRecord(channelSchema, z.strictObject(figures))
      .describe('By where messages came from; only channels with turns.'),
    by_bot: z
      .array(
        z.strictObject({
          bot_id: botId,
          ...figures,
          quota: quotaFigures.nullable().describe('Since the bot has a quota of its own; null where it has none.'),
        }),
      )
      .describe('The most used first.'),
    by_client: z
      .array(
        z.strictObject({
          workspace_id: workspaceId,
          name: z.string().describe('The name of the client workspace.'),
          messages: quotaFigures.describe('Of its quota.'),
        }),
      )
      .describe('Client workspaces, the most used first.'),
  })
  .meta({ id: 'Usage' });

export const dailyUsageQuery = z.strictObject({
  from: day.optional().describe('The first day; 30 days up to `to` where it is left out.'),
  to: day.optional().describe('The last day; today where it is left out.'),
  bot_id: botId.optional(),
});

export const dailyUsageSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(
      z
        .strictObject({ object: z.literal('daily_usage'), day, bot_id: botId, channel: channelSchema, ...figures })
        .meta({ id: 'DailyUsage' }),
    ),
    has_more: z.boolean().describe('True where the answer was cut off: ask for fewer days.'),
  })
  .meta({ id: 'DailyUsageList' });

/** `user:` and a user's id. */
const maxOwnerIdLength = 261;

const ledgerEntryId = z.string().describe('The id of a charge.');

export const ledgerEntrySchema = z
  .strictObject({
    id: ledgerEntryId,
    object: z.literal('ledger_entry'),
    owner: z
      .strictObject({ type: z.enum(['workspace', 'client', 'bot', 'user']), id: z.string() })
      .describe('Whose quota it was charged to. The id of a user is the caller’s own.'),
    period_start: timestamp,
    turn_id: turnId,
    bot_id: botId,
    channel: channelSchema,
    messages: count,
    created_at: timestamp,
  })
  .meta({ id: 'LedgerEntry' });

export const listLedgerQuery = z.strictObject({
  ...pageQuery(ledgerEntryId),
  owner_id: z
    .string()
    .min(1)
    .max(maxOwnerIdLength)
    .optional()
    .describe('Whose charges: the workspace’s where it is left out; `bot_…`, or `user:` and the user’s id.'),
});
