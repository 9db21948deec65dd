import { chunkBlocks } from './chunk-blocks.ts';
import { DocumentError } from './document-error.ts';
import { decideFormat } from './document-format.ts';
import type { DocumentParser } from './document-parser.ts';
import type { KnowledgeReader, SourceKey } from './knowledge-store.ts';
import { emptyReading, ended, postponed, type ReadResult } from './read-result.ts';
import type { SourceContent } from './source.ts';
import type { SourcePage } from './source-page.ts';

export type ReadFileTools = {
  knowledge: Pick<KnowledgeReader, 'readBytes'>;
  parser: DocumentParser;
  clock: () => number;
  signal: AbortSignal;
};

/** `givenTitle`: somebody gave the source another title than the file's name, which then holds. */
export type FileToRead = {
  content: Extract<SourceContent, { type: 'file' }>;
  page: SourcePage;
  givenTitle: boolean;
};

/** Reads a file that was handed in. */
export const readFile = async (
  target: SourceKey,
  { content, page, givenTitle }: FileToRead,
  tools: ReadFileTools,
): Promise<ReadResult> => {
  const { name, mediaType } = content;
  try {
    const bytes = await readAll(target, content.sizeBytes, tools.knowledge);
    const format = decideFormat({ name, mediaType, bytes });
    const { workspaceId } = target;
    const document = await tools.parser.parse({ workspaceId, format, bytes, name, url: null, signal: tools.signal });
    const passages = await chunkBlocks(document.blocks);
    if (passages.length === 0) return ended('failed', 'There is no text in it besides headings.');
    const { warnings } = document;
    const title = givenTitle ? null : document.title;
    return { found: [], outcome: { kind: 'write', passages, reading: { ...emptyReading, title, warnings } } };
  } catch (error) {
    tools.signal.throwIfAborted();
    if (!(error instanceof DocumentError)) throw error;
    const giveUp = ended('failed', error.message);
    return error.canRetry ? postponed(page.failures, { now: tools.clock(), retryAt: null, giveUp }) : giveUp;
  }
};

const readAll = async (
  target: SourceKey,
  sizeBytes: number,
  knowledge: Pick<KnowledgeReader, 'readBytes'>,
): Promise<Uint8Array> => {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (let part = 0; at < sizeBytes; part++) {
    const bytes = await knowledge.readBytes(target, part);
    if (!bytes) throw new Error('a part of the file is missing');
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
};
