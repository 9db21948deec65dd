import { turnId } from '@parley/protocol/common-schemas';
import { turnSchema } from '@parley/protocol/turn-schemas';
import { z } from 'zod';
import { findTurn } from '../../../core/turn/find-turn.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentTurnFor } from '../../present/turn.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getTurnRoute = ({ turns }: Pick<RouteParts, 'turns'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/turns/:turn_id',
    operationId: 'getTurn',
    summary: 'Read a turn',
    description: 'The turn as it stands, at any time. It is kept as long as its conversation.',
    tag: 'Turns',
    access: { principals: ['key', 'visitor'], scope: 'chat' },
    params: z.strictObject({ turn_id: turnId }),
    replies: { 200: turnSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => ({
      status: 200,
      body: presentTurnFor(principal, await findTurn(turns, principal, params.turn_id)),
    }),
  });
