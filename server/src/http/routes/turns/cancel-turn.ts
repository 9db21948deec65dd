import { turnId } from '@parley/protocol/common-schemas';
import { turnSchema } from '@parley/protocol/turn-schemas';
import { z } from 'zod';
import { cancelTurn } from '../../../core/turn/cancel-turn.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentTurnFor } from '../../present/turn.ts';
import type { RouteParts } from '../../route-parts.ts';

export const cancelTurnRoute = ({ turns, runner }: Pick<RouteParts, 'turns' | 'runner'>): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/turns/:turn_id/cancel',
    operationId: 'cancelTurn',
    summary: 'Cancel a turn',
    description:
      'Stops the model call and keeps the text so far. A turn that has ended is answered as it is, so that repeating the call is safe.',
    tag: 'Turns',
    access: { principals: ['key', 'visitor'], scope: 'chat' },
    params: z.strictObject({ turn_id: turnId }),
    repeatable: true,
    replies: { 200: turnSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => ({
      status: 200,
      body: presentTurnFor(principal, await cancelTurn({ turns, runner }, principal, params.turn_id)),
    }),
  });
