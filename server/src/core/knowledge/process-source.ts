import type { Writers } from '../store.ts';
import { sourceSubject } from '../webhook/source-subject.ts';
import { chunkContent } from './chunk-text.ts';
import { enqueueEmbedding } from './enqueue-embedding.ts';
import type { KnowledgeReader, PageEnd, SourceRevision } from './knowledge-store.ts';
import type { Source, SourceContent } from './source.ts';
import type { SourcePage } from './source-page.ts';
import { writePage, type WritePageTools } from './write-page.ts';

export type ProcessSourceTools = WritePageTools & {
  knowledge: KnowledgeReader;
  /** Null: no embedding model is configured. */
  embedTexts: { readonly model: string } | null;
};

/** Rows a transaction removes: about 5 ms of the writer. */
const rowsPerSlice = 500;

/** Where a round stands when its work pauses; null: it has ended. */
export type RoundPause = { resumeAt: number } | null;

/** A round at work: `source` as it was when this piece of work began. */
type Round = { target: SourceRevision; source: Source; content: SourceContent };

/**
 * Works on a round of reading a source, page by page, each found as soon as it is written. What was found before stays
 * until then. Work for a round that nobody wants any more ends without a trace.
 */
export const processSource = async (target: SourceRevision, tools: ProcessSourceTools): Promise<RoundPause> => {
  const { knowledge, transact, clock, signal } = tools;
  const { workspaceId, botId, sourceId, revision } = target;
  const source = await knowledge.find(workspaceId, botId, sourceId);
  const content = await knowledge.findContent(workspaceId, botId, sourceId);
  const wanted =
    source && content && (await transact((writers) => writers.knowledge.setProgress(target, source.progress, clock())));
  if (wanted) {
    const round = { target, source, content };
    for (
      let page = await knowledge.nextPage(target, revision);
      page;
      page = await knowledge.nextPage(target, revision)
    ) {
      signal.throwIfAborted();
      if (!(await readPage(round, page, tools))) break;
    }
    await endRound(target, tools);
  }
  await removeUnused(target, tools);
  return null;
};

/** False where nobody wants the round any more. */
const readPage = async (
  { target, source, content }: Round,
  page: SourcePage,
  tools: ProcessSourceTools,
): Promise<boolean> => {
  if (content.type !== 'text' && content.type !== 'faq') throw new Error('there is no reader for it yet');
  const passages = chunkContent(content);
  if (passages.length === 0) {
    const end = { ...failed, error: 'There is no text in it besides headings.' };
    return endPage(target, { number: page.number, end }, tools);
  }
  const reading = { title: null, etag: null, lastModified: null, contentHash: null, fetchedAt: null };
  return writePage(target, { source, page, passages, reading }, tools);
};

const failed = { status: 'failed', reading: null, hide: false } as const;

const endPage = (
  target: SourceRevision,
  { number, end }: { number: number; end: PageEnd },
  { transact, clock }: ProcessSourceTools,
): Promise<boolean> =>
  transact(async ({ knowledge }) => {
    const source = await knowledge.find(target.workspaceId, target.botId, target.sourceId);
    if (source?.revision !== target.revision) return false;
    await knowledge.endPage(target, number, end);
    await knowledge.sumUp(target, clock());
    return true;
  });

/** Says how the round has ended: a source is ready where one of its pages is. */
const endRound = (target: SourceRevision, { transact, clock, embedTexts }: ProcessSourceTools): Promise<void> =>
  transact(async (writers) => {
    const source = await writers.knowledge.find(target.workspaceId, target.botId, target.sourceId);
    if (source?.revision !== target.revision || source.status !== 'processing') return;
    if (source.pages.done < source.pages.known) return;
    const at = clock();
    const { ready, firstError } = await writers.knowledge.sumUp(target, at);
    const isReady = ready > 0;
    const error = isReady ? null : (firstError ?? 'There is nothing to read in it.');
    const state = isReady ? ({ status: 'ready', progress: 1 } as const) : ({ status: 'failed' } as const);
    await writers.knowledge.update({ ...source, ...state, error, updatedAt: at });
    await tell(writers, target, { type: isReady ? 'source.ready' : 'source.failed', at });
    if (isReady && embedTexts !== null) await enqueueEmbedding(writers.jobs, target);
  });

/** Tells the owner of the source what was wrong; what was found before stays. */
export const failSource = (
  target: SourceRevision,
  error: string,
  { transact, clock }: Pick<ProcessSourceTools, 'transact' | 'clock'>,
): Promise<void> =>
  transact(async (writers) => {
    const source = await writers.knowledge.find(target.workspaceId, target.botId, target.sourceId);
    if (source?.revision !== target.revision) return;
    const at = clock();
    await writers.knowledge.update({ ...source, status: 'failed', error, updatedAt: at });
    await tell(writers, target, { type: 'source.failed', at });
  });

const tell = (
  { outbox }: Pick<Writers, 'outbox'>,
  target: SourceRevision,
  { type, at }: { type: 'source.ready' | 'source.failed'; at: number },
): Promise<void> => outbox.append({ workspaceId: target.workspaceId, type, subjectId: sourceSubject(target), at });

const removeUnused = async (target: SourceRevision, { transact, signal }: ProcessSourceTools): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    if (await transact((writers) => writers.knowledge.removeUnused(target, rowsPerSlice))) return;
  }
};
