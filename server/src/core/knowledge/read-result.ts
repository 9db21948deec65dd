import type { Passage } from './chunk-text.ts';
import type { PageEnd, PageReading } from './knowledge-store.ts';
import type { NewPage } from './source-page.ts';

/** What became of reading a page. */
export type ReadResult = {
  /** Pages that it leads to. */
  found: NewPage[];
  outcome:
    | { kind: 'write'; passages: Passage[]; reading: PageReading }
    | { kind: 'end'; end: PageEnd }
    /** It is there no more. */
    | { kind: 'remove' }
    /** It failed, and may succeed at that time. */
    | { kind: 'postpone'; dueAt: number }
    /** Nothing was done: the server wants a pause. */
    | { kind: 'pause'; resumeAt: number };
};

export const emptyReading: PageReading = {
  title: null,
  etag: null,
  lastModified: null,
  contentHash: null,
  fetchedAt: null,
  warnings: [],
};

export const ended = (
  status: PageEnd['status'],
  error: string | null,
  {
    hide = false,
    reading = null,
    found = [],
  }: Partial<Pick<PageEnd, 'hide' | 'reading'> & Pick<ReadResult, 'found'>> = {},
): ReadResult => ({ found, outcome: { kind: 'end', end: { status, error, reading, hide } } });

/** Before the tries that follow a failure: a hiccup is over in seconds, a restart in a minute. */
const retryDelaysMs = [5_000, 60_000];

/** When to try again what failed so often before; null where that was too often. `retryAt`: not before, as its server asks. */
export const retryTime = (
  failures: number,
  { now, retryAt }: { now: number; retryAt: number | null },
): number | null => {
  const delayMs = retryDelaysMs[failures];
  return delayMs === undefined ? null : Math.max(now + delayMs, retryAt ?? 0);
};

/** Tries a page again where that may help and was not done too often. */
export const postponed = (
  failures: number,
  { now, retryAt, giveUp }: { now: number; retryAt: number | null; giveUp: ReadResult },
): ReadResult => {
  const dueAt = retryTime(failures, { now, retryAt });
  return dueAt === null ? giveUp : { found: [], outcome: { kind: 'postpone', dueAt } };
};
