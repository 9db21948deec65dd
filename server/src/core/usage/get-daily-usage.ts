import type { Clock } from '../../kit/clock.ts';
import { mayUseBot, type Principal } from '../access/principal.ts';
import { notFound, ParleyError } from '../error.ts';
import { dayAt } from './period.ts';
import type { DailyUsage, UsageReader } from './usage-store.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** A year, and one day more in a leap year. */
const maxDays = 366;
const defaultDays = 30;
/** Rows of one answer; a year of a workspace with ten bots on two channels has 7,300. */
const maxRows = 9_000;

/**
 * Usage by day (UTC), bot and channel, oldest first; the last 30 days unless told otherwise. `hasMore`: the answer was cut
 * off and the span should be narrowed. Throws invalid_request for a span that is turned round or longer than a year, and
 * not_found for a bot that the principal may not know of.
 */
export const getDailyUsage = async (
  usage: UsageReader,
  request: { principal: Principal; from: string | null; to: string | null; botId: string | null },
  { clock }: { clock: Clock },
): Promise<{ items: DailyUsage[]; hasMore: boolean }> => {
  const { principal, botId } = request;
  if (botId !== null && !mayUseBot(principal, botId)) throw notFound('bot');
  const { from, to } = spanOf(request, clock());
  const all = principal.botIds === null ? null : [...principal.botIds];
  const botIds = botId === null ? all : [botId];
  const rows = await usage.daily(principal.workspaceId, { mode: principal.mode, from, to, botIds }, maxRows + 1);
  return { items: rows.slice(0, maxRows), hasMore: rows.length > maxRows };
};

const spanOf = (request: { from: string | null; to: string | null }, now: number): { from: string; to: string } => {
  const to = request.to ?? dayAt(now);
  const from = request.from ?? dayAt(Date.parse(to) - (defaultDays - 1) * dayMs);
  const days = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  if (days < 1) throw new ParleyError('invalid_request', '`from` must not be later than `to`.', { param: 'from' });
  if (days > maxDays) {
    throw new ParleyError('invalid_request', `At most ${maxDays} days are given at once.`, { param: 'from' });
  }
  return { from, to };
};
