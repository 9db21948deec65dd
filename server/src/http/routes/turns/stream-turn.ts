import { turnId } from '@parley/protocol/common-schemas';
import { turnEventSchema } from '@parley/protocol/chat-schemas';
import { z } from 'zod';
import { findTurn } from '../../../core/turn/find-turn.ts';
import { followOnLog, openTurnLog } from '../../../core/turn/open-turn-log.ts';
import { answeredByHand, defineRoute, type Route } from '../../define-route.ts';
import { streamTurnLog } from '../../event-stream.ts';
import { parseStreamPlace } from '../../stream-place.ts';
import { reserveStream } from '../../reserve-stream.ts';
import type { RouteParts } from '../../route-parts.ts';

export const streamTurnRoute = ({ turns, runner, streams }: Pick<RouteParts, 'turns' | 'runner' | 'streams'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/turns/:turn_id/stream',
    operationId: 'streamTurn',
    summary: 'Stream a turn, from the start or from any event',
    description:
      'The events of the turn as `POST /v1/chat` streams them: from the start, or after the event named by `Last-Event-ID` or `after`; where both are given the header holds, since a browser that reconnects asks for the same address again. What has happened comes at once, what happens as it happens. The terminal event is sent to every reader. Where the attempt that a reader has seen was replaced after a crash, `reply.reset` comes first, and the text begins anew. While a person has the conversation in hand, the stream of its latest turn stays open for their reply. Kept for at least an hour after the end, then 410.',
    tag: 'Turns',
    access: { principals: ['key', 'visitor'], scope: 'chat' },
    params: z.strictObject({ turn_id: turnId }),
    query: z.strictObject({
      after: z.string().max(32).optional().describe('The id of the last event that was seen: `<attempt>-<n>`.'),
    }),
    headers: { 'last-event-id': 'As `after`, and holds where both are given; browsers send it when they reconnect.' },
    replies: { 200: turnEventSchema },
    otherContent: { 200: ['text/event-stream'] },
    errors: ['invalid_request', 'not_found', 'turn_log_expired', 'too_many_streams', 'overloaded'],
    handler: async ({ principal, plan, params, query, header, raw }) => {
      // an EventSource that reconnects keeps its address, and with it an older `after`
      const place = header('last-event-id') || query.after;
      const after = place === undefined || place === '' ? null : parseStreamPlace(place);
      const { workspaceId } = principal;
      const { turn } = await findTurn(turns, principal, params.turn_id);
      const slot = await reserveStream(streams, { principal, plan, raw });
      try {
        const wanted = { workspaceId, turnId: turn.id, awaitReply: true };
        const log = await openTurnLog({ turns, runner }, wanted);
        const reopen = () => followOnLog({ turns, runner }, wanted);
        streamTurnLog(raw, log, { principal, turn, after, slot, reopen });
        return answeredByHand;
      } catch (error) {
        slot.release();
        throw error;
      }
    },
  });
