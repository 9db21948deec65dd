import { chunkContent } from './chunk-text.ts';
import type { DocumentParser } from './document-parser.ts';
import { endRound } from './end-round.ts';
import { keepResult } from './keep-result.ts';
import type { KnowledgeReader, SourceRevision } from './knowledge-store.ts';
import { listSitemapPages } from './list-sitemap-pages.ts';
import { readFile } from './read-file.ts';
import { emptyReading, ended, type ReadResult } from './read-result.ts';
import { readWebPage } from './read-web-page.ts';
import type { Source, SourceContent } from './source.ts';
import type { SourcePage } from './source-page.ts';
import type { WebReader } from './web-reader.ts';
import type { WritePageTools } from './write-page.ts';

export type ProcessSourceTools = WritePageTools & {
  knowledge: KnowledgeReader;
  parser: DocumentParser;
  web: WebReader;
  /** Null: no embedding model is configured. */
  embedTexts: { readonly model: string } | null;
  /** How often this piece of work was begun, this time included. */
  attempts: number;
};

/** Rows a transaction removes: about 5 ms of the writer. */
const rowsPerSlice = 500;
/** How long a piece of work may take before others get their turn: a large site is read in hundreds of pieces. */
const pieceMs = 5_000;

/**
 * When the rest of a round is to be worked on; null where it has ended. `attempts`: nothing was done, and so often it was
 * begun.
 */
export type RoundPause = { resumeAt: number; attempts?: number } | null;

/** A round at work: `source` as it was when this piece of work began. */
type Round = { target: SourceRevision; source: Source; content: SourceContent };

/**
 * Works on a round of reading a source for some seconds, page by page, each found as soon as it is written. What was found
 * before stays until then. Work for a round that nobody wants any more ends without a trace. Whatever has been done is in
 * the rows of the pages, so that a piece of work that was cut off is taken up where it stood.
 */
export const processSource = async (target: SourceRevision, tools: ProcessSourceTools): Promise<RoundPause> => {
  const { knowledge, transact, clock } = tools;
  const source = await knowledge.find(target.workspaceId, target.botId, target.sourceId);
  const content = await knowledge.findContent(target.workspaceId, target.botId, target.sourceId);
  const isWanted =
    source && content && (await transact((writers) => writers.knowledge.setProgress(target, source.progress, clock())));
  const pause = isWanted ? await work({ target, source, content }, tools) : null;
  await removeUnused(target, tools);
  return pause;
};

const work = async (round: Round, tools: ProcessSourceTools): Promise<RoundPause> => {
  const { target } = round;
  const { knowledge, clock } = tools;
  const until = clock() + pieceMs;
  if (round.content.type === 'sitemap' && !(await knowledge.isListed(target))) {
    const listed = await listSitemapPages(target, round.content, tools);
    if (listed !== 'listed') return listed;
  }
  for (;;) {
    tools.signal.throwIfAborted();
    const page = await knowledge.nextPage(target, target.revision);
    if (!page) break;
    if (page.dueAt > clock()) return { resumeAt: page.dueAt };
    const result = await readPage(round, page, tools);
    if (result.outcome.kind === 'pause') return { resumeAt: result.outcome.resumeAt };
    if (!(await keepResult(round, { page, result }, tools))) return null;
    if (clock() >= until) return { resumeAt: clock() };
  }
  await endRound(target, tools);
  return null;
};

const readPage = async (
  { target, source, content }: Round,
  page: SourcePage,
  tools: ProcessSourceTools,
): Promise<ReadResult> => {
  switch (content.type) {
    case 'text':
    case 'faq': {
      const passages = await chunkContent(content);
      if (passages.length === 0) return ended('failed', 'There is no text in it besides headings.');
      return { found: [], outcome: { kind: 'write', passages, reading: emptyReading } };
    }
    case 'file':
      return readFile(target, { content, page, givenTitle: source.title !== content.name }, tools);
    case 'url':
    case 'sitemap':
    case 'site':
      if (page.url === null) throw new Error('a page of the web has no address');
      return readWebPage({ target, content, page: { ...page, url: page.url }, tools });
  }
};

const removeUnused = async (target: SourceRevision, { transact, signal }: ProcessSourceTools): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    if (await transact((writers) => writers.knowledge.removeUnused(target, rowsPerSlice))) return;
  }
};
