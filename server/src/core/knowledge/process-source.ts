import type { Clock } from '../../kit/clock.ts';
import type { Transact, Writers } from '../store.ts';
import { sourceSubject } from '../webhook/source-subject.ts';
import { indexSource, type SourceIndex } from './index-source.ts';
import type { KnowledgeReader, SourceRevision } from './knowledge-store.ts';

export type ProcessSourceTools = {
  knowledge: KnowledgeReader;
  transact: Transact;
  clock: Clock;
  /** Drops what is remembered of the size of a bot's knowledge. */
  forgetKnowledge: (botId: string) => void;
  signal: AbortSignal;
};

/** Chunks and index rows a transaction: about 5 ms of the writer. */
const chunksPerSlice = 50;
const rowsPerSlice = 500;

/** Shares of the whole at which analysing and writing are done. */
const analysedShare = 0.3;
const writtenShare = 0.95;

/**
 * Makes a revision of a source ready to be found, in transactions of bounded size; the one before is found until then.
 * Work for a revision that nobody wants any more ends without a trace.
 */
export const processSource = async (target: SourceRevision, tools: ProcessSourceTools): Promise<void> => {
  const { knowledge, transact, clock, forgetKnowledge } = tools;
  const { workspaceId, botId, sourceId } = target;
  const source = await knowledge.find(workspaceId, botId, sourceId);
  const content = await knowledge.findContent(workspaceId, botId, sourceId);
  if (!source || !content || !(await noteProgress(target, 0, tools))) {
    await removeUnused(target, tools);
    return;
  }
  const index = await indexSource(source, content);
  if (index.chunks.length === 0) {
    await failSource(target, 'There is no text in it besides headings.', tools);
  } else if (await writeIndex(target, index, tools)) {
    await transact(async (writers) => {
      if (await writers.knowledge.publish(target, index.size, clock())) {
        writers.afterCommit(() => forgetKnowledge(botId));
        await tell(writers, target, { type: 'source.ready', at: clock() });
      }
    });
  }
  await removeUnused(target, tools);
};

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

/** False where the revision is no longer wanted. */
const writeIndex = async (target: SourceRevision, index: SourceIndex, tools: ProcessSourceTools): Promise<boolean> => {
  if (!(await noteProgress(target, analysedShare, tools))) return false;
  const slices = [
    ...inSlices(index.chunks, chunksPerSlice).map((chunks) => ({ chunks, index: [] })),
    ...inSlices(index.rows, rowsPerSlice).map((rows) => ({ chunks: [], index: rows })),
  ];
  for (const [at, slice] of slices.entries()) {
    tools.signal.throwIfAborted();
    const share = analysedShare + ((writtenShare - analysedShare) * (at + 1)) / slices.length;
    const wanted = await tools.transact(async (writers) => {
      if (!(await writers.knowledge.setProgress(target, share, tools.clock()))) return false;
      await writers.knowledge.writeSlice(target, slice);
      return true;
    });
    if (!wanted) return false;
  }
  return true;
};

const noteProgress = (target: SourceRevision, share: number, { transact, clock }: ProcessSourceTools) =>
  transact((writers) => writers.knowledge.setProgress(target, share, clock()));

const removeUnused = async (target: SourceRevision, { transact, signal }: ProcessSourceTools): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    if (await transact((writers) => writers.knowledge.removeUnused(target, rowsPerSlice))) return;
  }
};

const inSlices = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
