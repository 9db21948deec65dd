import type { Writers } from '../store.ts';
import type { KnowledgeReader, SourceRevision } from './knowledge-store.ts';
import type { ReadResult } from './read-result.ts';
import type { Source, SourceContent } from './source.ts';
import type { NewPage, SourcePage } from './source-page.ts';
import { writePage, type WritePageTools } from './write-page.ts';

export type KeepResultTools = WritePageTools & { knowledge: KnowledgeReader };

/** Pages a transaction adds: about 2 ms of the writer. */
const pagesPerSlice = 100;

/** False where nobody wants the round any more. */
export const keepResult = async (
  { target, source, content }: { target: SourceRevision; source: Source; content: SourceContent },
  { page, result: { found, outcome } }: { page: SourcePage; result: ReadResult },
  tools: KeepResultTools,
): Promise<boolean> => {
  if (!(await addFound(target, { found, content }, tools))) return false;
  switch (outcome.kind) {
    case 'write': {
      const now = await tools.knowledge.find(target.workspaceId, target.botId, target.sourceId);
      return writePage(target, { source: now ?? source, page, ...outcome }, tools);
    }
    case 'end':
      return settle(target, tools, (writers) => writers.knowledge.endPage(target, page.number, outcome.end));
    case 'remove':
      return settle(target, tools, (writers) => writers.knowledge.removePage(target, page.number));
    case 'postpone':
      return settle(target, tools, (writers) => writers.knowledge.postponePage(target, page.number, outcome.dueAt));
    case 'pause':
      return true;
  }
};

/** Before its page is done with: whoever begins again at that page finds the same, and adds nothing twice. */
export const addFound = async (
  target: SourceRevision,
  { found, content }: { found: readonly NewPage[]; content: SourceContent },
  tools: KeepResultTools,
): Promise<boolean> => {
  if (!('maxPages' in content)) return true;
  for (let from = 0; from < found.length; from += pagesPerSlice) {
    const pages = found.slice(from, from + pagesPerSlice);
    const options = { maxPages: content.maxPages, at: tools.clock() };
    if (!(await settle(target, tools, (writers) => writers.knowledge.listPages(target, pages, options)))) return false;
  }
  return true;
};

/** Runs a change of the pages, and sums them up; false where nobody wants the round any more. */
export const settle = (
  target: SourceRevision,
  { transact, clock, forgetKnowledge }: KeepResultTools,
  change: (writers: Writers) => Promise<void>,
): Promise<boolean> =>
  transact(async (writers) => {
    const before = await writers.knowledge.find(target.workspaceId, target.botId, target.sourceId);
    if (before?.revision !== target.revision) return false;
    await change(writers);
    const { chunks } = await writers.knowledge.sumUp(target, clock());
    if (chunks !== before.chunkCount) writers.afterCommit(() => forgetKnowledge(target.botId));
    return true;
  });
