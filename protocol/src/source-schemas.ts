import { z } from 'zod';
import { botId, count, listOf, pageId, pageQuery, sourceId, timestamp } from './common-schemas.ts';

/** A book is about half of it. */
export const maxSourceCharacters = 1_000_000;
const maxFaqItems = 1_000;
const maxQuestionCharacters = 1_000;
const maxAnswerCharacters = 8_000;

/** Every character of the largest source as a JSON escape, and something around it. */
export const maxSourceBodyBytes = 6 * maxSourceCharacters + 100_000;

const hasText = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

const textOf = (maxCharacters: number) =>
  z.string().min(1).max(maxCharacters).refine(hasText, { error: 'must hold at least one letter or digit' });

/** As long as that of a document or a page may be. */
const maxTitleCharacters = 300;

const title = z
  .string()
  .min(1)
  .max(maxTitleCharacters)
  .refine((text) => /[^\s\p{C}]/u.test(text), { error: 'must hold a character that can be seen' })
  .describe(
    'Shown with citations, and searched with the text. It is kept as one line: control characters and marks of ' +
      'direction are left out.',
  );

const textSource = z.strictObject({
  type: z.literal('text'),
  title,
  text: textOf(maxSourceCharacters).describe('Plain text or Markdown; headings divide it.'),
});

const faqItem = z.strictObject({ question: textOf(maxQuestionCharacters), answer: textOf(maxAnswerCharacters) });

const faqSource = z.strictObject({
  type: z.literal('faq'),
  title,
  items: z
    .array(faqItem)
    .min(1)
    .max(maxFaqItems)
    .refine(
      (items) =>
        items.reduce((sum, { question, answer }) => sum + question.length + answer.length, 0) <= maxSourceCharacters,
      { error: `must hold at most ${maxSourceCharacters} characters in all` },
    ),
});

const maxUrlCharacters = 2_048;
const maxCrawledPages = 2_000;
export const defaultCrawledPages = 200;
const maxCrawlDepth = 10;
const defaultCrawlDepth = 5;
const maxPrefixes = 50;
const maxPrefixCharacters = 500;

const url = z.string().min(1).max(maxUrlCharacters).describe('An http or https address of the public internet.');

const webTitle = title.optional().describe('Shown where a page has no title of its own; the URL by default.');

const prefixes = (what: string) =>
  z
    .array(
      z
        .string()
        .max(maxPrefixCharacters)
        .regex(/^\/[\x21-\x7e]*$/, { error: 'must be the beginning of a path, like /docs' }),
    )
    .max(maxPrefixes)
    .default([])
    .describe(`${what} \`/docs\` stands for \`/docs\` and everything below it.`);

const crawlBounds = {
  max_pages: z
    .int()
    .min(1)
    .max(maxCrawledPages)
    .optional()
    .describe(`How many pages are read at most; ${defaultCrawledPages} by default. The operator may allow fewer.`),
  include: prefixes('Paths that are read; all where the list is empty.'),
  exclude: prefixes('Paths that are not read.'),
};

const urlSource = z.strictObject({ type: z.literal('url'), title: webTitle, url });

const sitemapSource = z.strictObject({ type: z.literal('sitemap'), title: webTitle, url, ...crawlBounds });

const siteSource = z.strictObject({
  type: z.literal('site'),
  title: webTitle,
  url: url.describe('Where reading begins. Links are followed within its host and its folder.'),
  max_depth: z
    .int()
    .min(0)
    .max(maxCrawlDepth)
    .default(defaultCrawlDepth)
    .describe('How many links a page may be away from the first.'),
  ...crawlBounds,
});

/** The fields of a form beside its `file`. */
export const uploadSourceFields = z.strictObject({
  title: title
    .optional()
    .describe('Shown with citations, and searched with the text; the name of the file by default.'),
});

export const createSourceSchema = z
  .discriminatedUnion('type', [textSource, faqSource, urlSource, sitemapSource, siteSource], {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? 'must be `text`, `faq`, `url`, `sitemap` or `site`; a file is sent as multipart/form-data'
        : undefined,
  })
  .meta({
    id: 'CreateSource',
    examples: [
      { type: 'text', title: 'Delivery', text: 'We ship to every city in Georgia within two working days.' },
      {
        type: 'faq',
        title: 'Returns',
        items: [{ question: 'How long can I return a blanket?', answer: 'Within 30 days, unused.' }],
      },
      { type: 'url', url: 'https://shop.example/delivery' },
      { type: 'sitemap', url: 'https://shop.example/sitemap.xml', max_pages: 500 },
      { type: 'site', url: 'https://shop.example/help/', max_pages: 100, exclude: ['/help/archive'] },
    ],
  });

export const sourceSchema = z
  .strictObject({
    id: sourceId,
    object: z.literal('source'),
    bot_id: botId,
    type: z.enum(['text', 'faq', 'file', 'url', 'sitemap', 'site']),
    title: z.string(),
    url: z.string().nullable(),
    status: z
      .enum(['queued', 'processing', 'ready', 'failed'])
      .describe('A source that is refreshed is found as it was until it is ready again.'),
    progress: z.number().min(0).max(1).describe('How far it has been processed.'),
    error: z.string().nullable().describe('What was wrong, where it failed.'),
    chunk_count: z.int().min(0).describe('Passages that can be found.'),
    embedding: z
      .strictObject({
        status: z.enum(['queued', 'processing', 'ready', 'failed']),
        progress: z.number().min(0).max(1).describe('The share of its passages that have a vector.'),
        error: z.string().nullable().describe('What was wrong, where it failed.'),
      })
      .nullable()
      .describe(
        'Its vectors, which follow once its passages can be found by their words. Null where the server has no embedding model, and until there are passages.',
      ),
    pages: z
      .strictObject({
        known: z.int().min(0).describe('Pages that are known so far; a text, an FAQ or a file is one.'),
        done: z.int().min(0).describe('Of those, how many have been read since the source was added or refreshed.'),
        failed: z.int().min(0).describe('Of those, how many could not be read; the list of pages says why.'),
      })
      .describe('How far it has been read, page by page.'),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Source' });

/** What was passed over is said in a few sentences. */
const maxPageWarnings = 10;

export const sourcePageSchema = z
  .strictObject({
    id: pageId,
    object: z.literal('source_page'),
    source_id: sourceId,
    url: z.string().nullable().describe('Null for what was handed in and not fetched.'),
    title: z.string().nullable().describe('From the page itself.'),
    status: z
      .enum(['waiting', 'ready', 'skipped', 'failed'])
      .describe(
        '`skipped`: left out on purpose; a copy of another page, one that must not be read or indexed, or an entry of a sitemap that is no page of its host. `failed`: could not be read, as may be a sitemap that another names.',
      ),
    error: z.string().nullable().describe('Why it is not ready, and what to do about it.'),
    warnings: z
      .array(z.string())
      .max(maxPageWarnings)
      .describe('What was passed over in it, such as pages of a PDF without text, and what to do about it.'),
    chunk_count: z.int().min(0).describe('Passages of it that can be found.'),
    fetched_at: timestamp.nullable().describe('When what is found of it was fetched.'),
    created_at: timestamp,
  })
  .meta({ id: 'SourcePage' });

export const sourcePageListSchema = listOf(sourcePageSchema).meta({ id: 'SourcePageList' });

export const listSourcePagesQuery = z.strictObject({
  ...pageQuery(pageId),
  status: z.enum(['waiting', 'ready', 'skipped', 'failed']).optional().describe('Only pages of this status.'),
});

export const sourceListSchema = listOf(sourceSchema).meta({ id: 'SourceList' });

export const sourceParams = z.strictObject({ bot_id: botId, source_id: sourceId });

export const listSourcesQuery = z.strictObject(pageQuery(sourceId));

const maxQueryCharacters = 4_000;

export const searchSchema = z
  .strictObject({
    query: z.string().min(1).max(maxQueryCharacters),
    limit: z.int().min(1).max(50).default(10).describe('How many passages at most.'),
  })
  .meta({ id: 'SearchKnowledge', examples: [{ query: 'delivery to Batumi', limit: 3 }] });

const passageSchema = z
  .strictObject({
    object: z.literal('passage'),
    chunk_id: z.string().describe('The same for the same text of the same source.'),
    source_id: sourceId,
    title: z.string().describe('The title of the page, or of the source.'),
    url: z.string().nullable().describe('Leads to the heading or the page of the passage, where that is known.'),
    headings: z.array(z.string()).describe('Headings above the passage, outermost first; the question of an FAQ item.'),
    page: z.int().min(1).nullable().describe('The page of a document on which the passage begins.'),
    text: z.string(),
    tokens: count,
    score: z.number().min(0).max(1).describe("Comparable between queries, and with the bot's `knowledge.min_score`."),
  })
  .meta({ id: 'Passage' });

export const passageListSchema = z
  .strictObject({ object: z.literal('list'), data: z.array(passageSchema).describe('Best first.') })
  .meta({ id: 'PassageList' });
