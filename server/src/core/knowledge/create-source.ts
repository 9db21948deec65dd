import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { enqueueProcessing } from './enqueue-processing.ts';
import type { Source, SourceContent } from './source.ts';

/** Each source is a posting of every common word: past this, one document of many parts serves better than more sources. */
const maxSourcesPerBot = 10_000;

export type NewSource = {
  workspaceId: string;
  botId: string;
  title: string;
  content: SourceContent;
  url: string | null;
};

/** Adds a source to a bot; a job makes it ready. Throws invalid_request where the bot has too many. */
export const createSource = async (
  writers: Pick<Writers, 'knowledge' | 'jobs'>,
  { workspaceId, botId, title, content, url }: NewSource,
  clock: Clock,
): Promise<Source> => {
  if ((await writers.knowledge.count(workspaceId, botId)) >= maxSourcesPerBot) {
    throw new ParleyError(
      'invalid_request',
      `A bot has at most ${maxSourcesPerBot} sources. Join small texts into larger ones, or delete some.`,
    );
  }
  const at = clock();
  const source: Source = {
    id: newId('src'),
    workspaceId,
    botId,
    type: content.type,
    title,
    url,
    status: 'queued',
    error: null,
    progress: 0,
    chunkCount: 0,
    pages: { known: 1, done: 0, failed: 0 },
    revision: 1,
    createdAt: at,
    updatedAt: at,
  };
  await writers.knowledge.insert(source, content, [{ url: null, depth: 0 }]);
  await enqueueProcessing(writers.jobs, source);
  return source;
};
