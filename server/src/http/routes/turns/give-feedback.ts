import { turnId } from '@parley/protocol/common-schemas';
import { feedbackSchema, storedFeedbackSchema } from '@parley/protocol/turn-schemas';
import { z } from 'zod';
import { giveFeedback } from '../../../core/turn/give-feedback.ts';
import { defineChange, type Route } from '../../define-route.ts';

/** 2,000 characters in their longest spelling. */
const bodyLimitBytes = 32_768;

export const giveFeedbackRoute = (): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/turns/:turn_id/feedback',
    operationId: 'giveFeedback',
    summary: 'Rate a reply',
    description:
      'Notes what the user thought of the reply. The last rating counts, so that repeating the call is safe; `GET /v1/turns/{turn_id}` shows it as `feedback`.',
    tag: 'Turns',
    access: { principals: ['key', 'visitor'], scope: 'chat' },
    params: z.strictObject({ turn_id: turnId }),
    body: feedbackSchema,
    bodyLimitBytes,
    replies: { 200: storedFeedbackSchema },
    errors: ['invalid_request', 'not_found'],
    handler: async (writers, { principal, params: { turn_id: id }, body: { rating, comment = null } }) => {
      const turn = await giveFeedback(writers.feedback, { principal, turnId: id }, { rating, comment });
      const body = { object: 'turn_feedback' as const, turn_id: id, rating, comment };
      return { status: 200, body, keptFor: turn.conversationId };
    },
  });
