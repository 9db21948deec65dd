import type { DocumentErrorCode } from '../core/knowledge/document-error.ts';
import type { DocumentFormat } from '../core/knowledge/document-format.ts';
import type { DocumentBlock, ParsedDocument } from '../core/knowledge/document-parser.ts';

/**
 * What the server and the process that parses say to each other. The server writes a line of JSON, and `sizeBytes` of the
 * document behind it; the process answers in lines of JSON, of which each is small, so that reading an answer never
 * holds up the server. After `document` or `failed` it takes the next.
 */
export type ParseRequest = {
  format: DocumentFormat;
  sizeBytes: number;
  url: string | null;
  charset: string | null;
};

/** Everything but the blocks. */
export type DocumentHead = Omit<ParsedDocument, 'blocks'>;

export type ParseAnswer =
  /** Comes once, when the process can take work. */
  | { ready: true }
  | { blocks: DocumentBlock[] }
  | { document: DocumentHead }
  | { failed: { code: DocumentErrorCode; detail: string } };

/** About how much of the blocks goes into one line. */
export const charactersPerLine = 32_000;
