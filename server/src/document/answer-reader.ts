import { DocumentError, documentErrorCodes, type DocumentErrorCode } from '../core/knowledge/document-error.ts';
import { maxDocumentCharacters } from '../core/knowledge/document-limits.ts';
import type { DocumentBlock, ParsedDocument } from '../core/knowledge/document-parser.ts';
import { readBlocks, readHead } from './read-parts.ts';

/**
 * Of a whole answer: the characters a document may have, each in the longest form of JSON and UTF-8 that text takes, and
 * as much again for what stands around them.
 */
const maxAnswerBytes = 8 * maxDocumentCharacters;
/** Of one line; a single paragraph may hold the whole document. */
const newline = 10;

/** Puts an answer together from the pieces in which it comes, and believes none of it: every part is checked. */
export class AnswerReader {
  #rest: Buffer[] = [];
  #size = 0;
  readonly #blocks: DocumentBlock[] = [];
  isComplete = false;

  /** The document once it is whole, null until then. Throws what was wrong with it, or with the answer. */
  take(chunk: Buffer): ParsedDocument | null {
    for (const line of this.#lines(chunk)) {
      const answer = parseLine(line);
      if ('blocks' in answer) this.#blocks.push(...readBlocks(answer.blocks));
      else if ('document' in answer) {
        const head = readHead(answer.document);
        this.isComplete = true;
        return { ...head, blocks: this.#blocks };
      } else if ('failed' in answer) {
        const error = readFailure(answer.failed);
        this.isComplete = true;
        throw error;
      } else throw new Error('an answer of a kind that nobody knows');
    }
    return null;
  }

  /** True once the process has said that it can take work, false until then. Throws where it says something else. */
  takeReady(chunk: Buffer): boolean {
    const lines = this.#lines(chunk);
    if (!lines.every((line) => 'ready' in parseLine(line))) throw new Error('an answer to what nobody asked');
    return lines.length > 0;
  }

  #lines(chunk: Buffer): string[] {
    this.#size += chunk.length;
    if (this.#size > maxAnswerBytes) throw new DocumentError('too_much_text');
    const lines: string[] = [];
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      lines.push(Buffer.concat([...this.#rest, chunk.subarray(from, at)]).toString());
      this.#rest = [];
      from = at + 1;
    }
    if (from < chunk.length) this.#rest.push(chunk.subarray(from));
    return lines;
  }
}

const parseLine = (line: string): object => {
  const answer: unknown = JSON.parse(line);
  if (typeof answer !== 'object' || answer === null) throw new Error('an answer that is no object');
  return answer;
};

/** Details are sentences of ours; what could be text of a document does not come through. */
const maxDetailCharacters = 400;

const readFailure = (failed: unknown): DocumentError => {
  const { code, detail } = failed as { code: unknown; detail: unknown };
  const known = documentErrorCodes.includes(code as DocumentErrorCode) ? (code as DocumentErrorCode) : 'parser_failed';
  return new DocumentError(known, typeof detail === 'string' ? detail.slice(0, maxDetailCharacters) : undefined);
};
