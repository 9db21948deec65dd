import type { DocumentFormat } from './document-format.ts';

/**
 * Where a block stands, as far as the format tells: `page` counts from 1; `anchor` is the id in an HTML page, without
 * `#`, that leads nearest to it.
 */
export type BlockPlace = { page: number | null; anchor: string | null };

/** A part of a document, in reading order. No text is empty, and none has white space at its ends. */
export type DocumentBlock = BlockPlace &
  (
    | { kind: 'heading'; level: 1 | 2 | 3 | 4 | 5 | 6; text: string }
    /** A line of a list begins with `- ` or its number; lines are kept where they mean something. */
    | { kind: 'paragraph'; text: string }
    /** Cells are single lines, and may be empty; every row has as many as the widest. `header` is empty where there is none. */
    | { kind: 'table'; header: string[]; rows: string[][] }
    | { kind: 'question'; question: string; answer: string }
  );

export type ParsedDocument = {
  /** From the document itself. */
  title: string | null;
  /** BCP 47, where the document says it. */
  language: string | null;
  blocks: DocumentBlock[];
  /** Null where the format knows no pages. */
  pageCount: number | null;
  /** Of an HTML page that has a URL: where its links lead, absolute http and https URLs without fragment, each once. */
  links: string[];
  /** What the page says that its URL is; absolute, http or https. */
  canonicalUrl: string | null;
  /** True where an HTML page asks not to be indexed, or that its links are not followed (`<meta name="robots">`). */
  noIndex: boolean;
  noFollow: boolean;
  /** What was passed over, for the owner of the source; at most a few. */
  warnings: string[];
};

export type DocumentToParse = {
  /** Whose it is: workspaces take turns, and none has all processes. Null where it is nobody's. */
  workspaceId: string | null;
  format: DocumentFormat;
  bytes: Uint8Array;
  /** Of the file, or the last part of the URL; only for what is told about it. */
  name: string | null;
  /** Of an HTML page: relative links are resolved against it. */
  url: string | null;
  /** What the server said of the encoding of the text, as `charset` of its media type. */
  charset?: string | null;
  signal?: AbortSignal;
};

export interface DocumentParser {
  /** Throws DocumentError; where `signal` was aborted, its reason. Never more than one document a process at a time. */
  parse(document: DocumentToParse): Promise<ParsedDocument>;
  /** Ends the processes; what is being read fails. */
  close(): Promise<void>;
}
