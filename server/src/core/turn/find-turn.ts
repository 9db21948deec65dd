import { mayUseBot, type Principal } from '../access/principal.ts';
import { notFound } from '../error.ts';
import type { TurnWithReply } from './turn.ts';
import type { TurnReader } from './turn-store.ts';

/** A turn that the principal may see; throws not_found for every other. */
export const findTurn = async (turns: TurnReader, principal: Principal, turnId: string): Promise<TurnWithReply> => {
  const known = await turns.find(principal.workspaceId, turnId);
  if (!known || !mayUseBot(principal, known.turn.botId) || known.turn.mode !== principal.mode) throw notFound('turn');
  return known;
};
