import { z } from 'zod';
import { type ErrorCode, errorCatalogue } from './error-catalogue.ts';

/** 26 characters of lower-case Crockford base32: a UUIDv7. */
const idSuffix = '[0-7][0-9a-hjkmnp-tv-z]{25}';

/** The id of one kind of object, as `botId = idSchema('bot', 'a bot')`. */
export const idSchema = (prefix: string, noun: string): z.ZodString =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_${idSuffix}$`), {
      error: `must be the id of ${noun}, \`${prefix}_\` and 26 letters and digits`,
    })
    .describe(`The id of ${noun}.`);

export const workspaceId = idSchema('ws', 'a workspace');
export const botId = idSchema('bot', 'a bot');
export const keyId = idSchema('key', 'a key');
export const sourceId = idSchema('src', 'a source');
export const pageId = idSchema('page', 'a page of a source');
export const conversationId = idSchema('conv', 'a conversation');
export const messageId = idSchema('msg', 'a message');
export const turnId = idSchema('turn', 'a turn');
export const webhookEndpointId = idSchema('hook', 'a webhook endpoint');
export const webhookDeliveryId = idSchema('dlv', 'a webhook delivery');
export const eventId = idSchema('evt', 'an event');

/** A text that people read, of 1 to `maxCharacters` characters, and of more than blanks. */
export const visibleText = (maxCharacters: number): z.ZodString =>
  z.string().min(1).max(maxCharacters).regex(/\S/, { error: 'must hold more than blanks' });

/** The caller's own name of an end user; Parley gives it no meaning. */
export const userId = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'must be well-formed Unicode without control characters' })
  .describe("The caller's own name of the end user: any string of 1 to 256 characters.");

/** A whole number that counts something, in an answer. */
export const count = z.int().min(0);

/** A time in an answer. */
export const timestamp = z.iso.datetime().describe('RFC 3339, UTC.');

/** A time in a request: with a zone. */
export const timestampInput = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time with a zone, like 2026-12-01T00:00:00Z' })
  .describe('RFC 3339, with a zone.');

export const maxPairs = 16;
const maxPairNameLength = 64;
const maxPairValueLength = 512;

/** Up to 16 string pairs, for metadata and the like. */
export const stringPairs = z
  .record(z.string().min(1).max(maxPairNameLength), z.string().max(maxPairValueLength))
  .refine((pairs) => Object.keys(pairs).length <= maxPairs, { error: `must hold at most ${maxPairs} pairs` })
  .describe(
    `Up to ${maxPairs} pairs; names of 1 to ${maxPairNameLength} characters, values of up to ${maxPairValueLength}.`,
  )
  .meta({ maxProperties: maxPairs });

/** String pairs in an answer. */
export const storedPairs = z.record(z.string(), z.string());

const maxPageSize = 100;
const defaultPageSize = 20;

/** A whole number in a query string. */
export const queryInteger = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `must be a whole number from ${from} to ${to}` })
    .transform(Number)
    .pipe(z.int().min(from).max(to))
    .meta({ type: 'integer', pattern: undefined, minimum: from, maximum: to });

/** The fields of a list's query, for `z.strictObject({ ...pageQuery(botId) })`; a cursor is the id of a listed object. */
export const pageQuery = <Cursor extends z.ZodType>(cursor: Cursor) => ({
  limit: queryInteger(1, maxPageSize)
    .default(defaultPageSize)
    .describe(`How many objects at most; ${defaultPageSize} by default.`),
  after: cursor.optional().describe('Go on behind the object with this id, towards older ones.'),
  before: cursor.optional().describe('Go back before the object with this id, towards newer ones.'),
});

/** The envelope of every list, newest first. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean().describe('True where more follow in the direction asked for.'),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  });

const daySeconds = 24 * 60 * 60;

/** How long what a rotation replaces goes on working: a day unless told otherwise. */
export const overlapSeconds = ({ maxDays, description }: { maxDays: number; description: string }) =>
  z
    .int()
    .min(0)
    .max(maxDays * daySeconds)
    .default(daySeconds)
    .describe(description);

/** What a deletion answers. */
export const deletedSchema = z
  .strictObject({ id: z.string(), object: z.string(), deleted: z.literal(true) })
  .meta({ id: 'Deleted' });

const errorCodes = Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]];

/** Every error's body, for problem+json clients and OpenAI's SDKs alike. */
export const problemSchema = z
  .strictObject({
    type: z.url().describe('Where the code is explained.'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().describe('What is wrong and what to do.'),
    instance: z.string().describe('The request id.'),
    error: z.strictObject({
      type: z.string(),
      code: z.enum(errorCodes),
      message: z.string(),
      param: z.string().nullable().describe('The field at fault, as a path: `items.0.question`.'),
    }),
  })
  .meta({ id: 'Problem' });
