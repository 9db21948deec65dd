import type { Clock } from '../../kit/clock.ts';
import type { Principal } from '../access/principal.ts';
import type { Channel } from '../conversation/conversation.ts';
import { dayAt, type Period, periodAt } from './period.ts';
import type { Plan } from './plan.ts';
import type { BotUsage, UsageFigures, UsageReader } from './usage-store.ts';

/** Bots times channels that are told apart in one answer. */
const maxSums = 5_000;

export type Usage = {
  period: Period;
  plan: Plan;
  /** Of the whole workspace, which shares one quota; `limit` and `remaining` are null where there is none. */
  messages: { used: number; reserved: number; limit: number | null; remaining: number | null };
  /** Of the bots that the principal may know of, as are the figures by channel and bot. */
  total: UsageFigures;
  byChannel: ReadonlyMap<Channel, UsageFigures>;
  /** The most used first. */
  byBot: readonly { botId: string; figures: UsageFigures }[];
};

/** What was used in the current period. Test mode has figures of its own and charges nothing. */
export const getUsage = async (
  usage: UsageReader,
  { principal, plan }: { principal: Principal; plan: Plan },
  { clock }: { clock: Clock },
): Promise<Usage> => {
  const { workspaceId, mode } = principal;
  const period = periodAt(clock());
  const span = {
    mode,
    from: dayAt(period.start),
    to: dayAt(period.end - 1),
    botIds: principal.botIds === null ? null : [...principal.botIds],
  };
  const [counter, sums] = await Promise.all([
    mode === 'test' ? { used: 0, reserved: 0 } : usage.counter(workspaceId, workspaceId, period.start),
    usage.sums(workspaceId, span, maxSums),
  ]);
  const limit = plan.messagesPerMonth;
  const remaining = limit === null ? null : Math.max(0, limit - counter.used - counter.reserved);
  return {
    period,
    plan,
    messages: { used: counter.used, reserved: counter.reserved, limit, remaining },
    total: sumBy(sums, () => 'all').get('all') ?? nothing,
    byChannel: sumBy(sums, (sum) => sum.channel),
    byBot: [...sumBy(sums, (sum) => sum.botId)]
      .map(([botId, figures]) => ({ botId, figures }))
      .toSorted((one, other) => other.figures.turns - one.figures.turns || (one.botId < other.botId ? -1 : 1)),
  };
};

const nothing: UsageFigures = { turns: 0, messages: 0, inputTokens: 0, outputTokens: 0 };

const sumBy = <Name extends string>(
  sums: readonly BotUsage[],
  nameOf: (sum: BotUsage) => Name,
): Map<Name, UsageFigures> => {
  const byName = new Map<Name, UsageFigures>();
  for (const sum of sums) {
    const figures = byName.get(nameOf(sum)) ?? nothing;
    byName.set(nameOf(sum), {
      turns: figures.turns + sum.turns,
      messages: figures.messages + sum.messages,
      inputTokens: figures.inputTokens + sum.inputTokens,
      outputTokens: figures.outputTokens + sum.outputTokens,
    });
  }
  return byName;
};
