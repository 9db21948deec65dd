import { turnId } from '@parley/protocol/common-schemas';
import { turnContextSchema } from '@parley/protocol/turn-schemas';
import { z } from 'zod';
import { readReceipt } from '../../../core/turn/read-receipt.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentReceipt } from '../../present/receipt.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getTurnContextRoute = ({ turns, readers }: Pick<RouteParts, 'turns' | 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/turns/:turn_id/context',
    operationId: 'getTurnContext',
    summary: 'Read the receipt of a turn: what the model saw',
    description:
      'Every section that the model was sent, with its tokens, and what was left out and why. A text is null once the message or the source it came from was deleted. A key that is limited to some bots does not read what the user said to others: such a fact is `withheld`, with its tokens and reason and without its text and message. 404 also where no model was asked.',
    tag: 'Turns',
    access: { principals: ['key'], scope: 'conversations:read' },
    params: z.strictObject({ turn_id: turnId }),
    replies: { 200: turnContextSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => {
      const { bots, conversations, knowledge, memories, recall } = readers;
      const parts = { turns, bots, conversations, knowledge, memories, recall };
      return { status: 200, body: presentReceipt(await readReceipt(parts, principal, params.turn_id)) };
    },
  });
