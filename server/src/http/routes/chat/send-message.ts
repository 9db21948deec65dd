import { streamExampleText } from '@parley/protocol/chat-examples';
import { chatRequestSchema } from '@parley/protocol/chat-schemas';
import { turnSchema } from '@parley/protocol/turn-schemas';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Principal } from '../../../core/access/principal.ts';
import { notFound, ParleyError } from '../../../core/error.ts';
import { followOnLog, openTurnLog } from '../../../core/turn/open-turn-log.ts';
import type { SendMessage, SentMessage } from '../../../core/turn/send-message.ts';
import { isPassing } from '../../../core/turn/store-retry.ts';
import { isEnded, type Turn, type TurnWithReply } from '../../../core/turn/turn.ts';
import type { TurnLog } from '../../../core/turn/turn-log.ts';
import { waitForTurn } from '../../../core/turn/wait-for-turn.ts';
import { periodAt } from '../../../core/usage/period.ts';
import { acceptsStream } from '../../accepts-stream.ts';
import { answeredByHand, defineRoute, type Route } from '../../define-route.ts';
import { streamTurnLog } from '../../event-stream.ts';
import { fingerprintOf, readIdempotencyKey } from '../../idempotency-key.ts';
import { presentTurnFor } from '../../present/turn.ts';
import { addMonthFigures } from '../../rate-limit.ts';
import { reserveStream } from '../../reserve-stream.ts';
import type { RouteParts } from '../../route-parts.ts';
import { senderOf, tellSender } from './visitor-message.ts';

type ChatRequest = z.output<typeof chatRequestSchema>;

const description = `Takes a message and answers it in the conversation that the server holds.

The answer is the whole turn as JSON, or, with \`stream: true\` or \`Accept: text/event-stream\`, a stream of events: \`turn.queued\` where it must wait, \`turn.started\`, \`reply.delta\` for each piece of text, and at the end one of \`turn.completed\`, \`turn.failed\`, \`turn.cancelled\` and \`turn.interrupted\` with the whole turn. With \`Prefer: respond-async\`, and where a JSON call has waited two minutes, it is 202 with the turn as it stands.

The message is durable before anything is answered. A disconnect does not end the turn. While a person has the conversation in hand the message is stored and the turn ends with \`finish_reason: human\`, at once as JSON; a stream stays open for their reply. With the same \`Idempotency-Key\` and body a retry gives the same turn, whether it is JSON or a stream, and costs nothing.

The stream of a reply, as it comes:

\`\`\`
${streamExampleText.trimEnd()}
\`\`\`

An id is \`<attempt>-<n>\`: a reader that lost the connection goes on behind the last one it saw, with \`GET /v1/turns/{turn_id}/stream\` and \`Last-Event-ID\`. There is exactly one terminal event. Where the attempt that a reader has seen was replaced after a crash, \`reply.reset\` says that the text begins anew.`;

/** What may come once there is a turn. */
const behindAccept = [200, 202, 404, 429, 500, 502, 503, 504];

/** One character as JSON's `\uXXXX\uXXXX`. */
const maxBytesPerCharacter = 12;
/** Two times 16 pairs of 576 characters in their longest spelling, and some room. */
const maxBytesBesideMessage = 262_144;

export const sendMessageRoute = (
  parts: Pick<RouteParts, 'sendMessage' | 'turns' | 'runner' | 'streams' | 'jsonWaitMs' | 'maxMessageCharacters'>,
): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/chat',
    operationId: 'sendMessage',
    summary: 'Send a message and get the reply',
    description,
    tag: 'Chat',
    access: { principals: ['key', 'visitor'], scope: 'chat', takesMessage: true },
    headers: {
      'idempotency-key':
        'Any string of up to 255 characters that names this call. A retry with it gives the same turn.',
      prefer: '`respond-async` answers 202 at once.',
    },
    body: chatRequestSchema,
    // anybody may send one through a page, and what is read costs time before it is refused
    bodyLimitBytes: parts.maxMessageCharacters * maxBytesPerCharacter + maxBytesBesideMessage,
    replies: { 200: turnSchema, 202: turnSchema },
    sends: { 'parley-turn-id': behindAccept, 'idempotent-replayed': behindAccept },
    otherContent: { 200: ['text/event-stream'] },
    errors: [
      'invalid_request',
      'message_too_long',
      'not_found',
      'conversation_busy',
      'idempotency_mismatch',
      'too_many_queued',
      'quota_exceeded',
      'too_many_streams',
      'model_error',
      'model_unavailable',
      'model_timeout',
      'overloaded',
    ],
    handler: async ({ principal, plan, body, header, raw }) => {
      const respondAsync = /(?:^|[,\s])respond-async(?:[,;\s]|$)/i.test(header('prefer') ?? '');
      const streaming = !respondAsync && (body.stream ?? acceptsStream(header('accept')));
      const slot = streaming ? await reserveStream(parts.streams, { principal, plan, raw }) : null;
      try {
        const message = readMessage(body, { principal, readAlong: streaming || respondAsync });
        const sent = await parts.sendMessage({ ...message, idempotency: readKey(header('idempotency-key'), body) });
        noteSent(raw, principal.kind === 'visitor' ? { ...sent, quota: null } : sent);
        if (respondAsync) return await answerAtOnce(parts, principal, sent);
        const wanted = {
          workspaceId: principal.workspaceId,
          turnId: sent.turn.id,
          retell: true,
          awaitReply: streaming,
        };
        const log = await reading(sent.turn, openTurnLog(parts, wanted));
        if (slot) {
          streamTurnLog(raw, log, {
            principal,
            turn: sent.turn,
            after: null,
            slot,
            reopen: () => followOnLog(parts, wanted),
          });
          return answeredByHand;
        }
        // SDKs repeat 502, 503 and 504 by themselves, and under its key would be told of a failed turn for a day
        const onFailed = (): void => {
          if (header('idempotency-key') !== undefined) raw.header('x-should-retry', 'false');
        };
        return await answerWhole(parts, log, { principal, turn: sent.turn, onFailed });
      } catch (error) {
        slot?.release();
        throw tellSender(principal, error);
      }
    },
  });

const readMessage = (
  body: ChatRequest,
  caller: { principal: Principal; readAlong: boolean },
): Omit<SendMessage, 'idempotency'> => ({
  ...caller,
  ...senderOf(caller.principal, body.user_id),
  botId: body.bot_id ?? null,
  conversationId: body.conversation_id ?? null,
  newConversation: body.new_conversation ?? false,
  text: body.message,
  onBusy: body.on_busy ?? null,
  context: body.context ?? {},
  metadata: body.metadata ?? {},
});

/** Whether the answer is to be streamed is no part of what is asked for: a retry may choose anew. */
const readKey = (header: string | undefined, body: ChatRequest): SendMessage['idempotency'] => {
  const key = readIdempotencyKey(header);
  if (key === null) return null;
  const { stream: _stream, ...asked } = body;
  return { route: 'sendMessage', key, fingerprint: fingerprintOf('POST', '/v1/chat', asked) };
};

const noteSent = (reply: FastifyReply, { turn, replayed, quota }: SentMessage): void => {
  reply.header('parley-turn-id', turn.id);
  if (replayed) reply.header('idempotent-replayed', 'true');
  if (quota) {
    addMonthFigures(reply, {
      remaining: quota.limit - quota.used - quota.reserved,
      resetSeconds: (periodAt(turn.createdAt).end - Date.now()) / 1_000,
    });
  }
};

type TurnReply = { status: 200 | 202; body: ReturnType<typeof presentTurnFor> };

const answerAtOnce = async (
  parts: Pick<RouteParts, 'turns'>,
  principal: Principal,
  { turn, replayed }: SentMessage,
): Promise<TurnReply> => {
  const known: TurnWithReply | null = replayed
    ? await parts.turns.find(turn.workspaceId, turn.id)
    : { turn, reply: null };
  // its conversation was deleted, and its rows are about to go
  if (!known) throw notFound('turn');
  return { status: isEnded(known.turn.status) ? 200 : 202, body: presentTurnFor(principal, known) };
};

/** Waits for the turn's end; past the waiting time gives it as it stands. */
const answerWhole = async (
  parts: Pick<RouteParts, 'turns' | 'runner' | 'jsonWaitMs'>,
  log: TurnLog,
  { principal, turn, onFailed }: { principal: Principal; turn: Turn; onFailed: () => void },
): Promise<TurnReply> => {
  const result =
    (await reading(turn, waitForTurn(parts, log, { turn, waitMs: parts.jsonWaitMs }))) ??
    (await reading(turn, parts.turns.find(turn.workspaceId, turn.id)));
  if (!result) throw new ParleyError('not_found', 'The conversation was deleted while the message was answered.');
  const { status, errorCode } = result.turn;
  if (!isEnded(status) && log.abandoned && parts.runner.draining) {
    throw goesOn(turn, new ParleyError('overloaded', 'The server is stopping.', { retryAfterSeconds: 1 }));
  }
  if (status === 'failed') {
    onFailed();
    throw new ParleyError(errorCode ?? 'internal_error');
  }
  return { status: isEnded(status) ? 200 : 202, body: presentTurnFor(principal, result) };
};

/** What keeps the turn of an accepted message from being read says nothing of the message: that stands, and is answered. */
const reading = async <Result>(turn: Turn, work: Promise<Result>): Promise<Result> => {
  try {
    return await work;
  } catch (error) {
    throw isPassing(error) ? goesOn(turn, error) : error;
  }
};

const goesOn = ({ id }: Turn, cause: ParleyError): ParleyError =>
  new ParleyError(
    cause.code,
    `${id} goes on, and cannot be waited for here right now. Send the request again with its Idempotency-Key, or read the turn.`,
    { retryAfterSeconds: cause.retryAfterSeconds ?? 1, cause },
  );
