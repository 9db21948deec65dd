import {
  type createSourceSchema,
  defaultCrawledPages,
  type passageListSchema,
  type sourcePageSchema,
  type sourceSchema,
} from '@parley/protocol/source-schemas';
import type { z } from 'zod';
import type { FoundPassage } from '../../core/knowledge/find-passages.ts';
import type { EmbeddingProgress } from '../../core/knowledge/embedding-progress.ts';
import type { SourcePage } from '../../core/knowledge/source-page.ts';
import type { CrawlBounds, Source, SourceContent } from '../../core/knowledge/source.ts';
import { presentTime } from './time.ts';

export const presentSource = (
  source: Source,
  embedding: EmbeddingProgress | null = null,
): z.output<typeof sourceSchema> => ({
  id: source.id,
  object: 'source',
  bot_id: source.botId,
  type: source.type,
  title: source.title,
  url: source.url,
  status: source.status,
  progress: source.progress,
  error: source.error,
  chunk_count: source.chunkCount,
  embedding,
  pages: source.pages,
  created_at: presentTime(source.createdAt),
  updated_at: presentTime(source.updatedAt),
});

/** What a request hands in, as it is kept. `maxPages`: as many as the server allows. */
export const toSourceContent = (body: z.output<typeof createSourceSchema>, maxPages: number): SourceContent => {
  switch (body.type) {
    case 'text':
      return { type: 'text', text: body.text };
    case 'faq':
      return { type: 'faq', items: body.items };
    case 'url':
      return { type: 'url', url: body.url };
    case 'sitemap':
      return { type: 'sitemap', url: body.url, ...toBounds(body, maxPages) };
    case 'site':
      return { type: 'site', url: body.url, maxDepth: body.max_depth, ...toBounds(body, maxPages) };
  }
};

const toBounds = (
  body: { max_pages?: number | undefined; include: string[]; exclude: string[] },
  maxPages: number,
): CrawlBounds => ({
  maxPages: body.max_pages ?? Math.min(defaultCrawledPages, maxPages),
  include: body.include,
  exclude: body.exclude,
});

export const presentSourcePage = (page: SourcePage): z.output<typeof sourcePageSchema> => ({
  id: page.id,
  object: 'source_page',
  source_id: page.sourceId,
  url: page.url,
  title: page.title,
  status: page.status,
  error: page.error,
  warnings: [...page.warnings],
  chunk_count: page.chunkCount,
  fetched_at: page.fetchedAt === null ? null : presentTime(page.fetchedAt),
  created_at: presentTime(page.createdAt),
});

export const presentPassages = (passages: readonly FoundPassage[]): z.output<typeof passageListSchema> => ({
  object: 'list',
  data: passages.map(({ chunk, source, score }) => ({
    object: 'passage',
    chunk_id: chunk.id,
    source_id: source.id,
    title: source.title,
    url: source.url,
    headings: chunk.headings,
    page: chunk.page,
    text: chunk.text,
    tokens: chunk.tokens,
    score,
  })),
});
