import { z } from 'zod';
import { turnExample } from './chat-examples.ts';
import { botId, conversationId, count, messageId, timestamp, turnId } from './common-schemas.ts';
import { turnErrorCodes } from './error-catalogue.ts';
import { messageSchema } from './message-schemas.ts';

export const turnStatus = z
  .enum(['queued', 'running', 'completed', 'failed', 'cancelled', 'interrupted'])
  .describe(
    '`queued`: it waits behind another turn. `running`: a model is asked. The other four are ends, which never change: `completed` with a reply, `failed` for the reason in `error`, `cancelled` by a call or a deletion, `interrupted` by a newer message or a crash, with the text so far.',
  );

export const finishReason = z
  .enum(['stop', 'length', 'content_filter', 'fallback', 'model_fallback', 'human', 'cancelled', 'error'])
  .describe(
    "`stop`: the model had said all. `length`: it ran into the limit of a reply. `content_filter`: the provider held back the rest. `fallback`: the knowledge has no answer, and the bot's fallback text is charged. `model_fallback`: no model could be reached, and the fallback text is free. `human`: a person has the conversation in hand. `cancelled`: it was ended before its time. `error`: it failed.",
  );

const turnFields = {
  id: turnId,
  object: z.literal('turn').describe('What this is.'),
  status: turnStatus,
  bot_id: botId,
  conversation_id: conversationId,
  user_id: z.string().nullable().describe("The caller's own name of the end user; null where it is anonymous."),
  reply: messageSchema.nullable().describe('Null until the turn has ended, and where nothing was said.'),
  usage: z
    .strictObject({
      input_tokens: count.describe('What the model read.'),
      output_tokens: count.describe('What the model wrote.'),
      messages: count.describe('Messages of the quota that were charged: 0 or 1.'),
    })
    .describe('What the turn used.'),
  model: z.string().nullable().describe('The model that answered, as `provider/model`.'),
  finish_reason: finishReason.nullable().describe(`Null until it has ended. ${finishReason.description}`),
  error: z
    .strictObject({
      type: z.string().describe('The family of the code.'),
      code: z.enum(turnErrorCodes).describe('One of those of `docs/errors.md` that a turn can end with.'),
      message: z.string().describe('The same in words.'),
    })
    .nullable()
    .describe('Why it failed; null for every other turn.'),
  bot_version: z.int().min(1).describe('The version of the bot that answered.'),
  created_at: timestamp.describe('When the message was accepted.'),
  completed_at: timestamp.nullable().describe('When it ended; null until then.'),
};

export const turnSchema = z.strictObject(turnFields).meta({ id: 'Turn', examples: [turnExample] });

const attemptUsage = z
  .strictObject({
    input_tokens: count.describe('All that were read, those from and for a cache among them.'),
    output_tokens: count.describe('All that were written, hidden thinking among them.'),
    cached_input_tokens: count.optional(),
    cache_write_tokens: count.optional(),
    reasoning_tokens: count.optional(),
    estimated: z.boolean().describe('True where it was counted here, since the provider did not say.'),
  })
  .meta({ id: 'AttemptUsage' });

const sectionKind = z.enum(['instructions', 'facts', 'summary', 'recall', 'knowledge', 'history', 'message']);
const chunkId = z.string().describe('The id of a passage.');

export const turnContextSchema = z
  .strictObject({
    object: z.literal('turn_context'),
    turn_id: turnId,
    budget: z.strictObject({ limit_tokens: count, used_tokens: count }),
    sections: z
      .array(
        z.strictObject({
          kind: sectionKind,
          tokens: count,
          reason: z.string().describe('Why the model was sent it, in words for people.'),
          items: z.array(
            z.strictObject({
              message_id: messageId.optional(),
              chunk_id: chunkId.optional(),
              source_id: z.string().optional(),
              url: z.string().optional().describe('Leads to the heading or the page of the passage.'),
              page: z.int().min(1).optional().describe('The page of a document on which the passage begins.'),
              score: z.number().optional(),
              reason: z
                .enum(['context', 'trait', 'set', 'said', 'words', 'nearby'])
                .optional()
                .describe(
                  'How a fact is known: sent as `context`, a trait of the user, set by you, or said by the user in the message of `message_id`. Or why a message was recalled: it has words of the question, or stands near what has.',
                ),
              created_at: timestamp
                .optional()
                .describe('When a recalled message was said; the model is told its day. Absent once it was deleted.'),
              searched: z
                .literal(true)
                .optional()
                .describe('An earlier message that knowledge was searched with, since the question leans on it.'),
              tokens: count,
              text: z
                .string()
                .nullable()
                .describe(
                  'Null once its message or source was deleted, or what was remembered was replaced, and where it is withheld.',
                ),
              withheld: z
                .literal(true)
                .optional()
                .describe(
                  'The user said this fact to a bot that your key is not for: the model was shown it, and you are told neither its text nor its message.',
                ),
            }),
          ),
        }),
      )
      .describe('What the model was sent, in order.'),
    left_out: z.array(
      z.strictObject({
        kind: sectionKind,
        message_id: messageId.optional(),
        chunk_id: chunkId.optional(),
        name: z
          .string()
          .optional()
          .describe('Of a fact, as long as it has the value that was left out, and your key may read it.'),
        reason: z.enum(['window', 'budget', 'score', 'duplicate']),
      }),
    ),
    attempts: z.array(
      z.strictObject({
        model: z.string(),
        status: z.enum(['ok', 'failed', 'skipped']),
        error: z.string().optional(),
        first_token_ms: z.number().nullable(),
        total_ms: z.number(),
        usage: attemptUsage.nullable().describe('Null where nothing is known of it, as for most attempts that failed.'),
      }),
    ),
    timings_ms: z.record(z.string(), z.number()),
    cited: z
      .array(chunkId)
      .describe('The passages that the reply cites; empty where it cites none, whatever it was shown.'),
    cost: z
      .strictObject({
        currency: z.string().describe('ISO 4217.'),
        input: z.number(),
        output: z.number(),
        total: z.number(),
      })
      .nullable()
      .describe(
        'What the attempts cost together, by the prices of the day. Null where no model was used, or one whose price is not known.',
      ),
    retrieval: z
      .strictObject({
        vectors: z
          .enum(['used', 'late', 'failed', 'loading', 'too_large'])
          .describe(
            'What came of it: `used`, or why the words decided alone: not done in time, no answer from the embedding model, vectors on their way into memory, or too many for it.',
          ),
      })
      .nullable()
      .describe('The search of knowledge by meaning. Null where the bot has no vectors.'),
  })
  .meta({ id: 'TurnContext' });

const maxCommentCharacters = 2_000;

const rating = z.enum(['up', 'down']).describe('What the user thought of the reply.');
const comment = z.string().nullable().describe('Their own words; null where they said none.');

export const feedbackSchema = z
  .strictObject({
    rating,
    comment: z.string().max(maxCommentCharacters).optional().describe('Their own words.'),
  })
  .meta({ id: 'Feedback' });

export const storedFeedbackSchema = z
  .strictObject({
    object: z.literal('turn_feedback'),
    turn_id: turnId,
    rating,
    comment,
  })
  .meta({ id: 'TurnFeedback' });

export const turnWithFeedbackSchema = z
  .strictObject({
    ...turnFields,
    feedback: z
      .strictObject({ rating, comment })
      .nullable()
      .describe('The latest rating of the reply; null where nobody has rated it.'),
  })
  .meta({ id: 'TurnWithFeedback' });
