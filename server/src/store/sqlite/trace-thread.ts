import { fdatasyncSync, fstatSync, readSync, statSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { SqliteConnection } from './connection.ts';
import { gapOf, holdsAnything, maxTellablePages } from './page-gap.ts';

/**
 * Runs in the thread of `trace-eraser.ts`.
 *
 * - `advance`: brings most of the log into the database, which hinders nobody.
 * - `settle`: brings all of it there, and empties it.
 * - `scan`: looks for pages with something in their unused part, from one page onward.
 * - `clean`: empties the unused part of pages.
 *
 * The caller keeps the process's own writer away from `settle` and `clean`.
 */
export type TraceRequest =
  | { kind: 'advance' }
  | { kind: 'settle' }
  | { kind: 'scan'; from: number }
  | { kind: 'clean'; pages: readonly number[] };
export type TraceAnswer =
  | { kind: 'advance' | 'settle' | 'clean'; done: boolean }
  /** `next`: where to go on; null at the end. */
  | { kind: 'scan'; pages: number[]; next: number | null }
  | { kind: 'failed'; error: Error };

/** Read at once. */
const pagesPerRead = 256;
/** Pages that are cleaned while the writer waits, some milliseconds. */
const maxPagesPerBatch = 512;
/** Between two batches so much is read at most, so that a stop is heard. */
const maxReadsPerScan = 64;
/** How long others may keep the log from being emptied before they go first; writers wait meanwhile. */
const busyTimeoutMs = 100;

const { path, file } = workerData as { path: string; file: number };
const connection = new SqliteConnection(path, { readOnly: false });
connection.exec(`pragma busy_timeout = ${busyTimeoutMs}`);

const header = Buffer.alloc(100);
readSync(file, header, 0, header.length, 0);
const pageBytes = header.readUInt16BE(16);
const usableBytes = pageBytes - (header[20] ?? 0);

const advance = (): boolean => connection.get('pragma wal_checkpoint(passive)') !== undefined;

const settle = (): boolean => connection.get<{ busy: number }>('pragma wal_checkpoint(truncate)')?.busy === 0;

const scan = (from: number): { pages: number[]; next: number | null } => {
  const count = Math.floor(fstatSync(file).size / pageBytes);
  if (count > maxTellablePages) return { pages: [], next: null };
  const pages: number[] = [];
  const buffer = Buffer.alloc(pagesPerRead * pageBytes);
  let page = Math.max(2, from);
  for (let reads = 0; reads < maxReadsPerScan && page <= count; reads++) {
    const bytes = readSync(file, buffer, 0, buffer.length, (page - 1) * pageBytes);
    const whole = Math.floor(bytes / pageBytes);
    if (whole === 0) break;
    for (let at = 0; at < whole; at++) {
      const content = buffer.subarray(at * pageBytes, (at + 1) * pageBytes);
      const gap = gapOf(content, usableBytes);
      if (gap && holdsAnything(content, gap)) pages.push(page + at);
      if (pages.length === maxPagesPerBatch) return { pages, next: page + at + 1 };
    }
    page += whole;
  }
  return { pages, next: page <= count ? page : null };
};

/**
 * Only zeros are written, and only where SQLite keeps nothing: a crash in the middle leaves a sound database. The log is
 * empty and stays so meanwhile, so that no page is in it; and the commit at the end tells every connection that the pages
 * it remembers are old, which would be written again with what was in them.
 */
const clean = (pages: readonly number[]): boolean => {
  if (!settle()) return false;
  connection.exec('begin immediate');
  try {
    if (statSync(`${path}-wal`).size > 0) {
      connection.exec('rollback');
      return false;
    }
    const content = Buffer.alloc(pageBytes);
    for (const page of pages) {
      const offset = (page - 1) * pageBytes;
      if (readSync(file, content, 0, pageBytes, offset) < pageBytes) continue;
      const gap = gapOf(content, usableBytes);
      if (gap && holdsAnything(content, gap)) {
        writeSync(file, Buffer.alloc(gap.end - gap.start), 0, gap.end - gap.start, offset + gap.start);
      }
    }
    fdatasyncSync(file);
    connection.exec('pragma user_version = 1; commit');
    return true;
  } catch (error) {
    if (connection.isTransaction) connection.exec('rollback');
    throw error;
  }
};

const answer = (request: TraceRequest): TraceAnswer => {
  try {
    if (request.kind === 'scan') return { kind: 'scan', ...scan(request.from) };
    if (request.kind === 'clean') return { kind: 'clean', done: clean(request.pages) };
    return { kind: request.kind, done: request.kind === 'advance' ? advance() : settle() };
  } catch (error) {
    return { kind: 'failed', error: error as Error };
  }
};

parentPort?.on('message', (request: TraceRequest | 'close') => {
  if (request === 'close') {
    connection.close();
    parentPort?.close();
    return;
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(answer(request));
});
