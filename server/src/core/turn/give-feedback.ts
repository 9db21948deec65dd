import type { Principal } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import { findTurn } from './find-turn.ts';
import type { Feedback } from './turn.ts';
import type { TurnStore } from './turn-store.ts';

/** Notes what the user thought of a reply; the last word counts. Throws not_found, and invalid_request before its end. */
export const giveFeedback = async (
  turns: TurnStore,
  target: { principal: Principal; turnId: string },
  feedback: Feedback,
): Promise<void> => {
  const { turn } = await findTurn(turns, target.principal, target.turnId);
  const stored = await turns.setFeedback(turn.workspaceId, turn.id, feedback);
  if (!stored) throw new ParleyError('invalid_request', 'The turn has not ended yet; there is no reply to rate.');
};
