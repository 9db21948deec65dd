import type { Clock } from '../../kit/clock.ts';
import type { Transact, Writers } from '../store.ts';
import type { Passage } from './chunk-text.ts';
import { indexPage, type PageIndex } from './index-page.ts';
import type { PageReading, PageVersion, SourceRevision } from './knowledge-store.ts';
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
  const { sourceId } = target;
  const title = reading.title ?? source.title;
  const index = await indexPage({ sourceId, number: page.number, url: page.url, title }, passages);
  const slices = sliceIndex(index);
  let begun: PageVersion | null = null;
  for (const [at, slice] of slices.entries()) {
    signal.throwIfAborted();
    const isLast = at === slices.length - 1;
    const share = isLast ? writtenShare : analysedShare + ((writtenShare - analysedShare) * (at + 1)) / slices.length;
    const known: PageVersion | null = begun;
    begun = await transact(async (writers): Promise<PageVersion | null> => {
      const { knowledge } = writers;
      if (!(await note(writers, share))) return null;
      const version = known ?? (await knowledge.beginVersion(target, page.number));
      if (!version || !(await knowledge.writeSlice(version, slice))) return null;
      if (!isLast) return version;
      if (!(await knowledge.publish(version, { size: index.size, reading, round: target.revision }))) return null;
      await knowledge.sumUp(target, clock());
      writers.afterCommit(() => tools.forgetKnowledge(target.botId));
      return version;
    });
    if (!begun) return false;
  }
  return true;
};

type Slice = { chunks: PageIndex['chunks']; index: PageIndex['rows'] };

/** A page of a few passages, as most are, is one slice: each further transaction costs more than what it writes. */
const sliceIndex = ({ chunks, rows }: PageIndex): Slice[] => {
  if (chunks.length <= chunksPerSlice && rows.length <= rowsPerSlice) return [{ chunks, index: rows }];
  return [
    ...inSlices(chunks, chunksPerSlice).map((some) => ({ chunks: some, index: [] })),
    ...inSlices(rows, rowsPerSlice).map((some) => ({ chunks: [], index: some })),
  ];
};

const inSlices = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
