import { z } from 'zod';
import {
  botId,
  conversationId,
  listOf,
  pageQuery,
  queryInteger,
  storedPairs,
  stringPairs,
  timestamp,
  userId,
} from './common-schemas.ts';
import { messageSchema } from './message-schemas.ts';

export const channelSchema = z
  .enum(['api', 'widget', 'telegram', 'whatsapp', 'messenger', 'instagram', 'console'])
  .describe('Where it comes from.');

export const conversationStatus = z
  .enum(['open', 'human', 'closed'])
  .describe(
    '`human`: a member of staff has it, and the bot keeps silent. `closed`: it is over, until a message names it.',
  );

const conversationFields = {
  id: conversationId,
  object: z.literal('conversation').describe('What this is.'),
  bot_id: botId,
  user_id: z.string().nullable().describe("The caller's own name of the user; null where it is anonymous."),
  channel: channelSchema,
  status: conversationStatus,
  assignee: z.string().nullable().describe('Who has it in hand, where that was said.'),
  mode: z.enum(['live', 'test']).describe('Whether it belongs to live keys or to test keys.'),
  metadata: storedPairs.describe('Your own pairs.'),
  created_at: timestamp.describe('When it began.'),
  updated_at: timestamp.describe('The time of its latest message or change.'),
};

export const conversationSchema = z.strictObject(conversationFields).meta({ id: 'Conversation' });

export const conversationWithMessagesSchema = z
  .strictObject({
    ...conversationFields,
    messages: listOf(messageSchema).describe('The latest messages, newest first.'),
  })
  .meta({ id: 'ConversationWithMessages' });

export const createConversationSchema = z
  .strictObject({
    bot_id: botId,
    user_id: userId.optional(),
    metadata: stringPairs.optional(),
  })
  .meta({ id: 'CreateConversation' });

/** A change of metadata by pairs: null or an empty string removes one, and what is not named stays. */
const metadataChange = z
  .record(z.string().min(1).max(64), z.string().max(512).nullable())
  .refine((pairs) => Object.keys(pairs).length <= 32, { error: 'must name at most 32 pairs' })
  .describe('Pairs to set; null or an empty string removes a pair, and pairs that are not named stay.')
  .meta({ maxProperties: 32 });

const maxAssigneeCharacters = 200;
const maxAuthorCharacters = 200;

export const answerConversationSchema = z
  .strictObject({
    content: z.string().min(1).describe('At most 16,000 characters, unless the server is configured otherwise.'),
    author: z
      .string()
      .min(1)
      .max(maxAuthorCharacters)
      .optional()
      .describe("Who says it, by any name; kept in the message's `metadata` as `author`."),
  })
  .meta({ id: 'AnswerConversation', examples: [{ content: 'I have just refunded your order.', author: 'Nino' }] });

export const updateConversationSchema = z
  .strictObject({
    status: conversationStatus.optional(),
    assignee: z
      .string()
      .min(1)
      .max(maxAssigneeCharacters)
      .nullable()
      .optional()
      .describe('Who has it in hand, by any name; only with the status `human`, and forgotten when that ends.'),
    metadata: metadataChange.optional(),
  })
  .meta({ id: 'UpdateConversation' });

const maxQueryCharacters = 200;

export const listConversationsQuery = z.strictObject({
  ...pageQuery(conversationId),
  bot_id: botId.optional(),
  user_id: userId.optional(),
  channel: channelSchema.optional(),
  status: conversationStatus.optional(),
  q: z
    .string()
    .min(1)
    .max(maxQueryCharacters)
    .optional()
    .describe(
      'A text that one of its messages holds, whatever its case. Looks into the latest 200 messages of each of the newest 5,000 conversations that the other filters leave.',
    ),
});

const maxInlineMessages = 100;
const defaultInlineMessages = 50;

export const getConversationQuery = z.strictObject({
  messages: queryInteger(0, maxInlineMessages)
    .default(defaultInlineMessages)
    .describe('How many of its latest messages to give with it.'),
});
