import type { Principal } from '../access/principal.ts';
import { notFound, ParleyError } from '../error.ts';
import type { FeedbackStore, RatedTurn } from './feedback-store.ts';
import { mayKnowTurn } from './find-turn.ts';
import { type Feedback, isEnded } from './turn.ts';

/**
 * Notes what the user thought of a reply; the last word counts. Gives the turn. Throws not_found, and invalid_request
 * before its end.
 */
export const giveFeedback = async (
  turns: FeedbackStore,
  { principal, turnId }: { principal: Principal; turnId: string },
  feedback: Feedback,
): Promise<RatedTurn> => {
  const turn = await turns.findTurn(principal.workspaceId, turnId);
  if (!turn || !mayKnowTurn(principal, turn)) throw notFound('turn');
  if (!isEnded(turn.status)) {
    throw new ParleyError('invalid_request', 'The turn has not ended yet; there is no reply to rate.');
  }
  await turns.set(turn.workspaceId, turn.id, feedback);
  return turn;
};
