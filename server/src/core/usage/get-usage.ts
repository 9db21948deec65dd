import type { Clock } from '../../kit/clock.ts';
import { mayUseBot, type Principal } from '../access/principal.ts';
import type { Channel } from '../conversation/conversation.ts';
import { dayAt, type Period, periodAt } from './period.ts';
import type { ClientReader } from '../workspace/client-store.ts';
import type { Plan } from './plan.ts';
import type { PlanCatalogue } from './plan-catalogue.ts';
import { planInForce } from './plan-of.ts';
import type { QuotaLimits } from './quota-limits.ts';
import type { BotUsage, QuotaNode, UsageFigures, UsageReader } from './usage-store.ts';

/** Bots times channels that are told apart in one answer. */
const maxSums = 5_000;
/** Bots with limits, and clients, in one answer. */
const maxNodes = 1_000;

export type Usage = {
  period: Period;
  plan: Plan;
  /** Of the whole workspace. */
  messages: QuotaFigures;
  /** Of the bots that the principal may know of, as are the figures by channel and bot. */
  total: UsageFigures;
  byChannel: ReadonlyMap<Channel, UsageFigures>;
  /** The most used first. `quota`: null where the bot has no limit of its own. */
  byBot: readonly { botId: string; figures: UsageFigures; quota: QuotaFigures | null }[];
  /** Client workspaces, the most used first; none for a principal that is limited to bots, and in test mode. */
  byClient: readonly { workspaceId: string; name: string; messages: QuotaFigures }[];
};

/** What was used of one node of the quota tree; `limit` and `remaining` are null where there is none. */
export type QuotaFigures = {
  used: number;
  reserved: number;
  limit: number | null;
  remaining: number | null;
  warnAt: number | null;
};

/** What was used in the current period. Test mode has figures of its own and charges nothing. */
export const getUsage = async (
  { usage, clients }: { usage: UsageReader; clients: Pick<ClientReader, 'usage'> },
  { principal, plan }: { principal: Principal; plan: Plan },
  { clock, plans }: { clock: Clock; plans: PlanCatalogue },
): Promise<Usage> => {
  const { workspaceId, mode } = principal;
  const period = periodAt(clock());
  const span = {
    mode,
    from: dayAt(period.start),
    to: dayAt(period.end - 1),
    botIds: principal.botIds === null ? null : [...principal.botIds],
  };
  const live = mode === 'live';
  const [counter, sums, nodes, ofClients] = await Promise.all([
    live ? usage.counter(workspaceId, workspaceId, period.start) : { used: 0, reserved: 0 },
    usage.sums(workspaceId, span, maxSums),
    live ? usage.botNodes(workspaceId, period.start, maxNodes) : [],
    live && principal.botIds === null ? clients.usage(workspaceId, period.start, maxNodes) : [],
  ]);
  return {
    period,
    plan,
    messages: figuresOf(counter, plan),
    total: sumBy(sums, () => 'all').get('all') ?? nothing,
    byChannel: sumBy(sums, (sum) => sum.channel),
    byBot: byBot(
      sumBy(sums, (sum) => sum.botId),
      nodes.filter(({ ownerId }) => mayUseBot(principal, ownerId)),
    ),
    byClient: ofClients.map(({ client, ...counters }) => ({
      workspaceId: client.id,
      name: client.name,
      messages: figuresOf(counters, planInForce(plans, { ...client, parentPlan: plan.name })),
    })),
  };
};

const figuresOf = (
  { used, reserved }: { used: number; reserved: number },
  { messagesPerMonth: limit, warnAt }: QuotaLimits,
): QuotaFigures => ({
  used,
  reserved,
  limit,
  remaining: limit === null ? null : Math.max(0, limit - used - reserved),
  warnAt,
});

/** Bots that did something, and those that could but have a limit. */
const byBot = (figures: ReadonlyMap<string, UsageFigures>, nodes: readonly QuotaNode[]): Usage['byBot'] => {
  const nodeOf = new Map(nodes.map((node) => [node.ownerId, node]));
  return [...new Set([...figures.keys(), ...nodeOf.keys()])]
    .map((botId) => {
      const node = nodeOf.get(botId);
      return { botId, figures: figures.get(botId) ?? nothing, quota: node ? figuresOf(node, node.limits) : null };
    })
    .toSorted((one, other) => other.figures.turns - one.figures.turns || (one.botId < other.botId ? -1 : 1));
};

const nothing: UsageFigures = {
  turns: 0,
  messages: 0,
  inputTokens: 0,
  outputTokens: 0,
  memoryInputTokens: 0,
  memoryOutputTokens: 0,
};

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
      memoryInputTokens: figures.memoryInputTokens + sum.memoryInputTokens,
      memoryOutputTokens: figures.memoryOutputTokens + sum.memoryOutputTokens,
    });
  }
  return byName;
};
