import type { ReserveTurn, Turn } from '../../core/turn/turn.ts';
import { ownersOf, packOwners, readOwners } from '../quota-owners-text.ts';
import { reserve } from './quota-units.ts';
import type { TurnStatements } from './turn-statements.ts';

/**
 * Reserves a message for a running turn that has reserved none; null where its fence is another's. One that has got a
 * reservation meanwhile keeps that, as where a commit stood of which nobody was told. One transaction. The conversation is
 * held first, so that whoever deletes it gives back what is reserved here, or nothing is.
 */
export const reserveTurn = async (statements: TurnStatements, { turn, quota }: ReserveTurn): Promise<Turn | null> => {
  const { workspaceId, id, fence } = turn;
  const quotaOwners = ownersOf(quota.shares);
  if (!(await statements.get('holdConversation', workspaceId, turn.conversationId))) return null;
  if ((await statements.run('setOwners', packOwners(quotaOwners), workspaceId, id, fence)) === 0) {
    const own = await statements.get<{ quota_owners: string | null }>('findOwners', workspaceId, id, fence);
    return own ? { ...turn, quotaOwners: readOwners(own.quota_owners, workspaceId) } : null;
  }
  await reserve(statements, workspaceId, quota);
  return { ...turn, quotaOwners };
};
