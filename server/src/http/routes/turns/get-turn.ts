import { turnId } from '@parley/protocol/common-schemas';
import { turnWithFeedbackSchema } from '@parley/protocol/turn-schemas';
import { z } from 'zod';
import { isEnded } from '../../../core/turn/turn.ts';
import { findTurn } from '../../../core/turn/find-turn.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentTurnFor } from '../../present/turn.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getTurnRoute = ({ turns, readers }: Pick<RouteParts, 'turns' | 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/turns/:turn_id',
    operationId: 'getTurn',
    summary: 'Read a turn',
    description:
      'The turn as it stands, at any time, with the latest rating of its reply. It is kept as long as its conversation.',
    tag: 'Turns',
    access: { principals: ['key', 'visitor'], scope: 'chat' },
    params: z.strictObject({ turn_id: turnId }),
    replies: { 200: turnWithFeedbackSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => {
      const known = await findTurn(turns, principal, params.turn_id);
      // nobody can rate what has not ended
      const feedback = isEnded(known.turn.status)
        ? await readers.feedback.find(principal.workspaceId, known.turn.id)
        : null;
      return { status: 200, body: { ...presentTurnFor(principal, known), feedback } };
    },
  });
