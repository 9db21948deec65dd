import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { cleanTitle } from './clean-line.ts';
import { enqueueProcessing } from './enqueue-processing.ts';
import type { NewPage } from './source-page.ts';
import type { Source, SourceContent } from './source.ts';

/** Each source is a posting of every common word: past this, one document of many parts serves better than more sources. */
const maxSourcesPerBot = 10_000;

export type NewSource = {
  workspaceId: string;
  botId: string;
  /** Kept as one line of what can be seen, and as its type where nothing can. */
  title: string;
  content: SourceContent;
  /** Null gives it one; that of a file was given when its bytes were kept. */
  id?: string | null;
};

/** Adds a source to a bot; a job makes it ready. Throws invalid_request where the bot has too many. */
export const createSource = async (
  writers: Pick<Writers, 'knowledge' | 'jobs'>,
  { workspaceId, botId, title, content, id = null }: NewSource,
  clock: Clock,
): Promise<Source> => {
  if ((await writers.knowledge.count(workspaceId, botId)) >= maxSourcesPerBot) {
    throw new ParleyError(
      'invalid_request',
      `A bot has at most ${maxSourcesPerBot} sources. Join small texts into larger ones, or delete some.`,
    );
  }
  const pages = firstPages(content);
  const at = clock();
  const source: Source = {
    id: id ?? newId('src'),
    workspaceId,
    botId,
    type: content.type,
    title: cleanTitle(title) ?? content.type,
    url: 'url' in content ? content.url : null,
    status: 'queued',
    error: null,
    progress: 0,
    chunkCount: 0,
    pages: { known: pages.length, done: 0, failed: 0 },
    revision: 1,
    createdAt: at,
    updatedAt: at,
  };
  await writers.knowledge.insert(source, content, pages);
  await enqueueProcessing(writers.jobs, source);
  return source;
};

/** What is known of a source before any of it was read; the pages of a sitemap are not. */
const firstPages = (content: SourceContent): NewPage[] => {
  if (content.type === 'sitemap') return [];
  return [{ url: 'url' in content ? content.url : null, depth: 0 }];
};
