import type { Clock } from '../../kit/clock.ts';
import type { Transact, Writers } from '../store.ts';
import type { Passage } from './chunk-text.ts';
import { indexPage } from './index-page.ts';
import type { PageReading, SourceRevision } from './knowledge-store.ts';
import type { Source } from './source.ts';
import type { SourcePage } from './source-page.ts';

export type WritePageTools = {
  transact: Transact;
  clock: Clock;
  /** Drops what is remembered of the size of a bot's knowledge. */
  forgetKnowledge: (botId: string) => void;
  signal: AbortSignal;
};

/** Chunks and index rows a transaction: about 5 ms of the writer. */
const chunksPerSlice = 50;
const rowsPerSlice = 500;

/** Shares of the whole at which analysing and writing are done, where the page is all of its source. */
const analysedShare = 0.3;
const writtenShare = 0.95;

/**
 * Makes passages what is found of a page, in transactions of bounded size; what was found before is found until then.
 * False where nobody wants the round any more.
 */
export const writePage = async (
  target: SourceRevision,
  what: { source: Source; page: SourcePage; passages: readonly Passage[]; reading: PageReading },
  tools: WritePageTools,
): Promise<boolean> => {
  const { source, page, passages, reading } = what;
  const { transact, clock, signal } = tools;
  const isWhole = source.pages.known === 1;
  const note = (writers: Writers, share: number): Promise<boolean> =>
    writers.knowledge.setProgress(target, isWhole ? share : source.progress, clock());
  const version = await transact((writers) => writers.knowledge.beginVersion(target, page.number));
  if (!version) return false;
  const { sourceId } = target;
  const title = reading.title ?? source.title;
  const index = await indexPage({ sourceId, number: page.number, url: page.url, title }, passages);
  const slices = [
    ...inSlices(index.chunks, chunksPerSlice).map((chunks) => ({ chunks, index: [] })),
    ...inSlices(index.rows, rowsPerSlice).map((rows) => ({ chunks: [], index: rows })),
  ];
  for (const [at, slice] of slices.entries()) {
    signal.throwIfAborted();
    const share = analysedShare + ((writtenShare - analysedShare) * (at + 1)) / slices.length;
    const wanted = await transact(
      async (writers) => (await note(writers, share)) && (await writers.knowledge.writeSlice(version, slice)),
    );
    if (!wanted) return false;
  }
  return transact(async (writers) => {
    if (!(await note(writers, writtenShare))) return false;
    const { size } = index;
    if (!(await writers.knowledge.publish(version, { size, reading, round: target.revision }))) return false;
    await writers.knowledge.sumUp(target, clock());
    writers.afterCommit(() => tools.forgetKnowledge(target.botId));
    return true;
  });
};

const inSlices = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
