import { z } from 'zod';
import { chatRequestExample, streamExample } from './chat-examples.ts';
import { botId, conversationId, stringPairs, turnId, userId } from './common-schemas.ts';
import { turnSchema } from './turn-schemas.ts';

export const onBusySchema = z
  .enum(['queue', 'reject', 'interrupt', 'merge'])
  .describe(
    'What to do while a turn runs in the conversation: wait in line (`queue`), answer 409 (`reject`), end the running turn (`interrupt`), or join a turn that waits (`merge`; what does not fit into it waits in line).',
  );

export const chatRequestSchema = z
  .strictObject({
    bot_id: botId.optional().describe('May be left out where the key is limited to one bot.'),
    message: z.string().min(1).describe('At most 16,000 characters, unless the server is configured otherwise.'),
    user_id: userId
      .optional()
      .describe("The caller's own name of the end user. Goes on with their latest open conversation, or starts one."),
    conversation_id: conversationId
      .optional()
      .describe('Goes on with this conversation. A `closed` one becomes `open` again.'),
    new_conversation: z.boolean().optional().describe('Starts a conversation in any case.'),
    stream: z.boolean().optional().describe('Answers with server-sent events, as `Accept: text/event-stream` does.'),
    on_busy: onBusySchema
      .optional()
      .describe("What to do while a turn runs in the conversation; the bot's setting by default."),
    context: stringPairs.optional().describe('Shown to the model as data, for this call alone.'),
    metadata: stringPairs.optional().describe('Kept on the message and not shown to the model.'),
  })
  .refine((chat) => chat.conversation_id === undefined || chat.new_conversation !== true, {
    error: 'must not be sent with `new_conversation`',
    path: ['conversation_id'],
  })
  .meta({ id: 'ChatRequest', examples: [chatRequestExample, { ...chatRequestExample, stream: true }] });

const whose = z
  .strictObject({
    turn_id: turnId,
    conversation_id: conversationId,
    bot_id: botId,
    user_id: z.string().nullable().describe("The caller's own name of the end user; null where it is anonymous."),
  })
  .describe('Which turn it is, and of whom.');

const toolEvent = z.looseObject({}).describe('Whatever the tool tells.');

const placeInStream = z
  .string()
  .regex(/^\d+-\d+$/)
  .describe(
    '`<attempt>-<n>`: the run of the model, and the place in its events, from 1. Resumes the stream as `Last-Event-ID`.',
  );

const eventOf = <Name extends string, Data extends z.ZodType>(event: Name, data: Data, description: string) =>
  z.strictObject({ id: placeInStream, event: z.literal(event).describe('What happened.'), data }).describe(description);

const ended = turnSchema.describe('The whole turn.');

/** An event of a turn's stream, with its `data` parsed. */
export const turnEventSchema = z
  .discriminatedUnion('event', [
    eventOf('turn.queued', whose, 'The message is stored; another turn runs in the conversation.'),
    eventOf('turn.started', whose, 'The message is stored; the work begins.'),
    eventOf(
      'reply.delta',
      z.strictObject({ text: z.string().min(1).describe('Goes behind the text so far.') }).describe('What was said.'),
      'A piece of the reply.',
    ),
    eventOf(
      'reply.reset',
      z.strictObject({}).describe('Nothing.'),
      'Forget the text so far: the attempt that wrote it was replaced after a crash, and the reply begins anew. Texts of two attempts are never joined. Its id ends with `-0`.',
    ),
    eventOf('tool.started', toolEvent, 'Reserved: no tool runs in this version.'),
    eventOf('tool.completed', toolEvent, 'Reserved.'),
    eventOf('turn.completed', ended, 'The reply is stored.'),
    eventOf('turn.failed', ended, '`error` says why. Nothing is charged.'),
    eventOf('turn.cancelled', ended, 'Somebody cancelled the turn, or deleted what it belongs to.'),
    eventOf('turn.interrupted', ended, 'A newer message ended the turn, or a crash did; the text so far is kept.'),
  ])
  .describe(
    'One server-sent event, with its `data` parsed. Its id is `<attempt>-<n>`. A turn has exactly one terminal event, which is the last: `turn.completed`, `turn.failed`, `turn.cancelled` or `turn.interrupted`. A stream that ends without one broke off: ask for the rest with the last id. The texts of all `reply.delta` since the last `reply.reset` are the `content` of the reply, byte for byte. A line with only a colon is a sign of life.',
  )
  .meta({ id: 'TurnEvent', examples: streamExample });
