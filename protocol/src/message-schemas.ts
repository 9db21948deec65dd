import { z } from 'zod';
import {
  conversationId,
  messageId,
  sourceId,
  storedPairs,
  timestamp,
  timestampInput,
  turnId,
} from './common-schemas.ts';

export const messageRole = z
  .enum(['user', 'assistant', 'human', 'system'])
  .describe('`human` is a member of staff, `system` a notice.');

export const citationSchema = z
  .strictObject({
    index: z.int().min(1).describe('The number in the mark `[1]`, where the bot cites inline.'),
    source_id: sourceId,
    title: z.string().describe('The title of the source, or of its page.'),
    url: z.string().nullable().describe('Leads to the heading or the page of the passage, where that is known.'),
    headings: z.array(z.string()).describe('Headings above the passage, outermost first.'),
    page: z.int().min(1).nullable().describe('The page of a document on which the passage begins.'),
    quote: z.string().describe('The sentences that the reply rests on, or the beginning of the passage.'),
    score: z.number().describe('How well the passage fits the question, 0 to 1.'),
  })
  .meta({ id: 'Citation' });

export const messageSchema = z
  .strictObject({
    id: messageId,
    object: z.literal('message').describe('What this is.'),
    conversation_id: conversationId,
    turn_id: turnId.nullable().describe('The turn it belongs to; null for greetings and imported messages.'),
    role: messageRole,
    content: z.string().describe('The text.'),
    citations: z.array(citationSchema).describe('The passages that a reply rests on; empty for every other message.'),
    metadata: storedPairs.describe('What was sent with it as `metadata`.'),
    created_at: timestamp.describe('When it was said.'),
  })
  .meta({ id: 'Message' });

/** Messages of one import: one transaction, which others wait for. */
const maxImportedMessages = 500;

export const importMessagesSchema = z
  .strictObject({
    messages: z
      .array(
        z.strictObject({
          role: messageRole,
          content: z.string().min(1).describe('At most 16,000 characters, unless the server is configured otherwise.'),
          created_at: timestampInput.optional().describe('Kept as it is; now where it is left out.'),
        }),
      )
      .min(1)
      .max(maxImportedMessages)
      .describe('In the order in which they were said.'),
  })
  .meta({ id: 'ImportMessages' });
