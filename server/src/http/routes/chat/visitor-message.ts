import type { Principal } from '../../../core/access/principal.ts';
import type { Channel } from '../../../core/conversation/conversation.ts';
import { ParleyError } from '../../../core/error.ts';

/** Whose message it is, and where it came from: a visitor is who their tokens say, and nobody else. Throws invalid_request. */
export const senderOf = (
  principal: Principal,
  userId: string | undefined,
): { userId: string | null; channel: Channel } => {
  if (principal.kind !== 'visitor') return { userId: userId ?? null, channel: 'api' };
  if (userId !== undefined) {
    throw new ParleyError(
      'invalid_request',
      'A publishable key cannot say who the user is: leave `user_id` out, and send a `Parley-User-Token` that your server has signed.',
      { param: 'user_id' },
    );
  }
  return { userId: principal.userId, channel: 'widget' };
};

/** How much the customer has left is no affair of their visitors. */
export const tellSender = (principal: Principal, error: unknown): unknown => {
  if (principal.kind !== 'visitor' || !(error instanceof ParleyError) || error.code !== 'quota_exceeded') return error;
  return new ParleyError('quota_exceeded', 'This chat takes no more messages at the moment.', { cause: error });
};
