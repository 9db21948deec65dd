import { mayKnowUser, mayUseBot, type Principal } from '../access/principal.ts';
import { notFound } from '../error.ts';
import type { Turn, TurnWithReply } from './turn.ts';
import type { TurnReader } from './turn-store.ts';

/** A turn that the principal may see; throws not_found for every other. */
export const findTurn = async (turns: TurnReader, principal: Principal, turnId: string): Promise<TurnWithReply> => {
  const known = await turns.find(principal.workspaceId, turnId);
  if (!known || !mayKnowTurn(principal, known.turn)) throw notFound('turn');
  return known;
};

/** True where a turn of the principal's workspace is of their mode and bots, and of a visitor their own. */
export const mayKnowTurn = (principal: Principal, turn: Pick<Turn, 'botId' | 'mode' | 'userId'>): boolean =>
  mayUseBot(principal, turn.botId) && turn.mode === principal.mode && mayKnowUser(principal, turn.userId);
