import { z } from 'zod';
import {
  conversationId,
  count,
  idSchema,
  messageId,
  pageQuery,
  storedPairs,
  timestamp,
  userId,
} from './common-schemas.ts';
import { channelSchema, conversationSchema } from './conversation-schemas.ts';
import { messageSchema } from './message-schemas.ts';
import { turnContextSchema, turnSchema } from './turn-schemas.ts';
import { ledgerEntrySchema } from './usage-schemas.ts';

const maxTraits = 32;
const maxFacts = 64;
const maxNameLength = 64;
const maxTextLength = 512;

const traitName = z.string().min(1).max(maxNameLength);
const traitValue = z.union([z.string().max(maxTextLength), z.number(), z.boolean()]);

const traits = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .describe('What you know of the user: plan, language, city.');

const userFields = {
  id: z.string().describe('The `user_id`.'),
  object: z.literal('user'),
  user_id: z.string(),
  traits,
  linked_user_ids: z.array(z.string()).describe('The other user ids of the same person.'),
  created_at: timestamp,
};

export const userSchema = z.strictObject(userFields).meta({ id: 'User' });

const factSchema = z
  .strictObject({
    name: z.string(),
    value: z.string(),
    reason: z.enum(['set', 'said']).describe('`set`: by you. `said`: by the user, in the message of `message_id`.'),
    message_id: messageId.nullable(),
    confidence: z.number().nullable().describe('How sure it is that the user meant it, from 0 to 1.'),
    created_at: timestamp.describe('When it was set or said.'),
  })
  .meta({ id: 'Fact' });

const factFields = {
  facts: z
    .array(factSchema)
    .describe('What is remembered of the person, one fact a name: what you have set, then what was said last.'),
};

export const userWithFactsSchema = z.strictObject({ ...userFields, ...factFields }).meta({ id: 'UserWithFacts' });

export const userWithCountsSchema = z
  .strictObject({
    ...userFields,
    ...factFields,
    counts: z
      .strictObject({ conversations: count, messages: count })
      .describe('What is stored of the person, under all of their user ids.'),
  })
  .meta({ id: 'UserWithCounts' });

export const userParams = z.strictObject({ user_id: userId });
export const linkParams = z.strictObject({ user_id: userId, other_user_id: userId });

export const listUsersQuery = z.strictObject({
  ...pageQuery(userId),
  q: userId.optional().describe('How the `user_id` begins.'),
});

/** A change of traits: null removes one, and what is not named stays. */
export const updateUserSchema = z
  .strictObject({
    traits: z
      .record(traitName, traitValue.nullable())
      .refine((change) => Object.keys(change).length <= 2 * maxTraits, {
        error: `must name at most ${2 * maxTraits} traits`,
      })
      .describe(
        `Traits to set; null removes one, and those that are not named stay. A user has up to ${maxTraits}: names of 1 to ${maxNameLength} characters; texts of up to ${maxTextLength}, numbers, true and false.`,
      )
      .meta({ maxProperties: 2 * maxTraits })
      .optional(),
    facts: z
      .record(traitName, z.string().min(1).max(maxTextLength).nullable())
      .refine((change) => Object.keys(change).length <= maxFacts, { error: `must name at most ${maxFacts} facts` })
      .describe(
        `Facts to set, which then win over what the user says; null forgets what was set or said under the name. Those that are not named stay. A user has up to ${maxFacts}.`,
      )
      .meta({ maxProperties: maxFacts })
      .optional(),
  })
  .meta({ id: 'UpdateUser' });

export const linkUserSchema = z
  .strictObject({ user_id: userId.describe('The user who is the same person.') })
  .meta({ id: 'LinkUser' });

export const erasureParams = z.strictObject({ erasure_id: idSchema('era', 'an erasure') });

export const erasureSchema = z
  .strictObject({
    id: erasureParams.shape.erasure_id,
    object: z.literal('erasure'),
    user_id: z
      .string()
      .nullable()
      .describe('Only in the answer to the deletion itself; the receipt that is kept does not hold it.'),
    user_id_hash: z
      .string()
      .describe('SHA-256, in hexadecimal, of the workspace id, the mode and the user id, each on a line of its own.'),
    status: z.enum(['running', 'completed']).describe('`completed`: nothing of the person is left in the database.'),
    users: count.describe('User ids of the person.'),
    conversations: count.describe('Removed so far, as the two below.'),
    messages: count,
    turns: count,
    created_at: timestamp,
    completed_at: timestamp.nullable(),
  })
  .meta({ id: 'Erasure' });

const userLinkSchema = z.strictObject({
  object: z.literal('user_link'),
  user_id: z.string(),
  other_user_id: z.string(),
  created_at: timestamp,
});

const conversationMemorySchema = z.strictObject({
  object: z.literal('conversation_memory'),
  conversation_id: conversationId,
  summary: z.string(),
  model: z.string().nullable().describe('The model that wrote the summary.'),
  updated_at: timestamp,
});

const exportedTurnSchema = turnSchema.omit({ reply: true }).extend({
  mode: z.enum(['live', 'test']),
  channel: channelSchema,
  context: storedPairs.describe('What was sent as `context` with the message.'),
  feedback: z.strictObject({ rating: z.enum(['up', 'down']), comment: z.string().nullable() }).nullable(),
});

/** A line of an export. What an object is says its `object`. */
export const exportLineSchema = z
  .discriminatedUnion('object', [
    z.strictObject({ object: z.literal('export'), user_id: z.string(), created_at: timestamp }),
    userWithFactsSchema,
    userLinkSchema,
    conversationSchema,
    conversationMemorySchema,
    messageSchema,
    exportedTurnSchema,
    turnContextSchema,
    ledgerEntrySchema,
    z.strictObject({ object: z.literal('export_end'), lines: count.describe('The lines before this one.') }),
  ])
  .meta({ id: 'ExportLine' });
