import type { createSourceSchema, passageListSchema, sourceSchema } from '@parley/protocol/source-schemas';
import type { z } from 'zod';
import type { FoundPassage } from '../../core/knowledge/find-passages.ts';
import type { EmbeddingProgress } from '../../core/knowledge/embedding-progress.ts';
import type { Source, SourceContent } from '../../core/knowledge/source.ts';
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

/** What a request hands in, as it is kept. */
export const toSourceContent = (body: z.output<typeof createSourceSchema>): SourceContent =>
  body.type === 'text' ? { type: 'text', text: body.text } : { type: 'faq', items: body.items };

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
