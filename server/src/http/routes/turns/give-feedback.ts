import { turnId } from '@parley/protocol/common-schemas';
import { feedbackSchema, storedFeedbackSchema } from '@parley/protocol/turn-schemas';
import { z } from 'zod';
import { giveFeedback } from '../../../core/turn/give-feedback.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import type { RouteParts } from '../../route-parts.ts';

export const giveFeedbackRoute = ({ turns }: Pick<RouteParts, 'turns'>): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/turns/:turn_id/feedback',
    operationId: 'giveFeedback',
    summary: 'Rate a reply',
    description:
      'Notes what the user thought of the reply. The last rating counts, so that repeating the call is safe.',
    tag: 'Turns',
    access: { principals: ['key'], scope: 'chat' },
    params: z.strictObject({ turn_id: turnId }),
    body: feedbackSchema,
    replies: { 200: storedFeedbackSchema },
    errors: ['invalid_request', 'not_found'],
    handler: async ({ principal, params, body }) => {
      const comment = body.comment ?? null;
      await giveFeedback(turns, { principal, turnId: params.turn_id }, { rating: body.rating, comment });
      return {
        status: 200,
        body: { object: 'turn_feedback' as const, turn_id: params.turn_id, rating: body.rating, comment },
      };
    },
  });
