import type { AcceptTurn, QuotaOwner, QuotaShare, Turn } from '../../core/turn/turn.ts';
import { dayAt, periodAt } from '../../core/usage/period.ts';
import { quotaExceeded } from '../../core/usage/quota-exceeded.ts';
import { isErasedWithUser } from '../../core/usage/quota-owner.ts';
import { type Reached, thresholdEvent } from '../../core/usage/threshold-event.ts';
import { newId } from '../../kit/id.ts';
import { type Counter, type Left, leastLeft } from '../least-left.ts';
import type { TurnStatements } from './turn-statements.ts';

type Quota = AcceptTurn['quota'];
/** What the charge has reached by itself. */
type Settled = { reached: Reached | null };

/**
 * Reserves one message with every owner of the path, outermost first, or throws quota_exceeded, which undoes the
 * transaction. Gives what `leastLeft` says.
 */
export const reserve = async (statements: TurnStatements, workspaceId: string, quota: Quota): Promise<Left> => {
  const counters: Counter[] = [];
  for (const share of quota.shares) {
    const counter = await reserveShare(statements, share, quota);
    if (!counter) {
      const place = [share.workspaceId, share.ownerId, quota.periodStart] as const;
      const known = await statements.get<Counter>('findPeriod', ...place);
      throw quotaExceeded(share, known ?? { used: 0, reserved: 0 }, { workspaceId, quota });
    }
    counters.push(counter);
  }
  return leastLeft(workspaceId, quota.shares, counters);
};

const reserveShare = async (
  statements: TurnStatements,
  share: QuotaShare,
  quota: Quota,
): Promise<Counter | undefined> => {
  const place = [share.workspaceId, share.ownerId, quota.periodStart] as const;
  const counter = await statements.get<Counter>('reserve', ...place, share.limit, share.warnAt);
  if (counter) return counter;
  // the first message of a period, or a limit that is reached; another may have made the row a moment ago
  await statements.run('insertPeriod', ...place, quota.periodEnd);
  return statements.get<Counter>('reserve', ...place, share.limit, share.warnAt);
};

/**
 * Turns the reservation into a charge or gives it back, with every owner that holds one, in the period in which the turn
 * was accepted; tells where that crosses a limit or a warning; and counts the turn.
 */
export const settle = async (statements: TurnStatements, turn: Turn, at: number): Promise<void> => {
  const { periodStart, charged } = turn;
  for (const owner of turn.quotaOwners) {
    const { workspaceId, ownerId } = owner;
    const settled = await settleShare(statements, owner, turn);
    if (!settled || charged === 0) continue;
    await statements.run(
      'insertCharge',
      ...[workspaceId, ownerId, newId('led'), periodStart, turn.id, turn.botId, turn.channel, charged, at],
    );
    if (!settled.reached) continue;
    const event = thresholdEvent(settled.reached, { periodStart, at });
    await statements.run('insertEvent', workspaceId, event.id, 'usage.threshold', ownerId, event.at, 0);
  }
  await statements.run(
    'addUsage',
    ...[turn.workspaceId, turn.mode, dayAt(turn.createdAt), turn.botId, turn.channel, charged],
    ...[turn.inputTokens, turn.outputTokens],
  );
};

/** Null where there is no counter of the owner's to settle with any more; see `isErasedWithUser`. */
const settleShare = async (
  statements: TurnStatements,
  { workspaceId, ownerId }: QuotaOwner,
  { periodStart, charged }: Turn,
): Promise<Settled | null> => {
  const place = [workspaceId, ownerId, periodStart] as const;
  const settled = await statements.get<Settled>('settle', ...place, charged);
  if (settled) return settled;
  if (isErasedWithUser(ownerId)) return null;
  if (charged === 0) return { reached: null };
  await statements.run('insertPeriod', ...place, periodAt(periodStart).end);
  return (await statements.get<Settled>('chargeUnreserved', ...place, charged)) ?? null;
};
