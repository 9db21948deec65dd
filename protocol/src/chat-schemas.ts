import { z } from 'zod';
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
  .meta({ id: 'ChatRequest' });

const whose = z.strictObject({
  turn_id: turnId,
  conversation_id: conversationId,
  bot_id: botId,
  user_id: z.string().nullable(),
});

const toolEvent = z.looseObject({});

const eventOf = <Name extends string, Data extends z.ZodType>(event: Name, data: Data) =>
  z.strictObject({ id: z.string().regex(/^\d+-\d+$/), event: z.literal(event), data });

/**
 * An event of a turn's stream, with its `data` parsed. An id is `<attempt>-<n>`. Exactly one of the last four ends a
 * stream; it holds the whole turn.
 */
export const turnEventSchema = z
  .discriminatedUnion('event', [
    eventOf('turn.queued', whose),
    eventOf('turn.started', whose),
    eventOf('reply.delta', z.strictObject({ text: z.string().min(1) })),
    eventOf('reply.reset', z.strictObject({})),
    eventOf('tool.started', toolEvent),
    eventOf('tool.completed', toolEvent),
    eventOf('turn.completed', turnSchema),
    eventOf('turn.failed', turnSchema),
    eventOf('turn.cancelled', turnSchema),
    eventOf('turn.interrupted', turnSchema),
  ])
  .meta({ id: 'TurnEvent' });
