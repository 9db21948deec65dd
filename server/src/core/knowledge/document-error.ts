import {
  maxArchiveEntries,
  maxDocumentBytes,
  maxDocumentCharacters,
  maxDocumentPages,
  maxUnpackedBytes,
  parseTimeoutMs,
} from './document-limits.ts';

const count = (value: number): string => value.toLocaleString('en');

/** What can be wrong with a document, and what its owner can do about it. */
const advice = {
  encrypted: 'The document is protected by a password. Save a copy without one, and add that.',
  no_text:
    'No text was found in it. If it shows some, its pages are pictures: run text recognition (OCR) over the document, and add the result.',
  empty: 'There is no text in it.',
  damaged:
    'The document is damaged, or not what its name says. Open it in the program it comes from, and save it again.',
  format_mismatch: 'The document is not what its name or type says.',
  unsupported:
    'This kind of document is not read. Save it as PDF, DOCX, HTML, Markdown, plain text or CSV, and add that.',
  login_page: 'Only a page to sign in was found. Make the page public, or add its text as a file.',
  too_large: `The document is larger than ${count(maxDocumentBytes / 1_000_000)} MB. Divide it, or save it without pictures.`,
  too_many_pages: `The document has more than ${count(maxDocumentPages)} pages. Divide it, and add the parts.`,
  too_much_text: `The document holds more than ${count(maxDocumentCharacters)} characters, or more parts than are read. Divide it, and add the parts.`,
  unpacks_too_large: `The document unpacks to more than ${count(maxUnpackedBytes / 1_000_000)} MB or ${count(maxArchiveEntries)} files. Save it again without what is embedded in it.`,
  timeout: `Reading the document took longer than ${parseTimeoutMs / 1000} seconds. Save it again as a simpler document, or divide it.`,
  memory: 'Reading the document took more memory than is allowed. Save it again as a simpler document, or divide it.',
  parser_failed: 'The document could not be read. Save it again in another format, and add that.',
  overloaded: 'Too many documents were being read, whenever it was tried. Refresh the source.',
  not_started:
    'The server could not start the process that reads documents. Refresh the source; where that does not help, tell its operator.',
} as const;

export type DocumentErrorCode = keyof typeof advice;

export const documentErrorCodes = Object.keys(advice) as DocumentErrorCode[];

/**
 * Why a document cannot be read. `message` is for the owner of the source and says what to do; it never holds text of
 * the document. What only the operator may read is the `cause`.
 */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly code: DocumentErrorCode;

  constructor(code: DocumentErrorCode, detail?: string, options: { cause?: unknown } = {}) {
    super(detail ?? advice[code], options);
    this.code = code;
  }

  /** True where the same document may be read at another time. */
  get canRetry(): boolean {
    return this.code === 'overloaded' || this.code === 'not_started';
  }
}
