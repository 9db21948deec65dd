import { DocumentError } from './document-error.ts';
import { binaryKind } from './binary-kind.ts';

export const documentFormats = ['pdf', 'docx', 'html', 'markdown', 'text', 'csv'] as const;

export type DocumentFormat = (typeof documentFormats)[number];

const byExtension: Readonly<Record<string, DocumentFormat>> = {
  pdf: 'pdf',
  docx: 'docx',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'markdown',
  txt: 'text',
  text: 'text',
  csv: 'csv',
  tsv: 'csv',
};

const byMediaType: Readonly<Record<string, DocumentFormat>> = {
  'application/pdf': 'pdf',
  'application/x-pdf': 'pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'text/markdown': 'markdown',
  'text/x-markdown': 'markdown',
  'text/csv': 'csv',
  'application/csv': 'csv',
  'text/tab-separated-values': 'csv',
};

/** What is sent where nobody knows better, or by a system for another format: the name says more. */
const vagueMediaTypes = new Set([
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'text/plain',
  // what Windows calls a CSV file
  'application/vnd.ms-excel',
]);

/** Formats that have no signature of their own. */
const textFormats = new Set<DocumentFormat>(['html', 'markdown', 'text', 'csv']);

const names: Readonly<Record<DocumentFormat, string>> = {
  pdf: 'a PDF',
  docx: 'a DOCX document',
  html: 'an HTML page',
  markdown: 'Markdown',
  text: 'plain text',
  csv: 'a CSV table',
};

/** Where a page of HTML says that it is one. */
const sniffedCharacters = 1_024;

export type UnknownDocument = {
  /** Of the file, or the path of its URL; null where there is none. */
  name: string | null;
  /** As a request or a response declared it, with or without parameters. */
  mediaType: string | null;
  bytes: Uint8Array;
};

/**
 * What a document is: its media type says it, where that is definite, or else the ending of its name, or else its first
 * bytes; these must fit in every case. Throws DocumentError: `unsupported` for what is not read, `format_mismatch` where
 * name or type say something else than the bytes, `encrypted` and `empty`.
 */
export const decideFormat = ({ name, mediaType, bytes }: UnknownDocument): DocumentFormat => {
  if (bytes.length === 0) throw new DocumentError('empty');
  const kind = binaryKind(bytes);
  if (kind === 'encrypted-office') throw new DocumentError('encrypted');
  const declared = declaredFormat(name, mediaType);
  if (kind === 'pdf' || kind === 'docx') {
    if (declared !== null && declared !== kind) throw mismatch(declared, names[kind]);
    return kind;
  }
  if (kind !== 'text') {
    if (declared === null) throw new DocumentError('unsupported');
    throw mismatch(declared, kind === 'unknown' ? 'no text' : kind);
  }
  if (declared === null) return looksLikeHtml(bytes) ? 'html' : 'text';
  if (!textFormats.has(declared)) throw mismatch(declared, 'plain text');
  return declared;
};

/** Null where neither says anything; throws `unsupported` where both say that it is something else. */
const declaredFormat = (name: string | null, mediaType: string | null): DocumentFormat | null => {
  const type = (mediaType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const fromType = byMediaType[type];
  if (fromType) return fromType;
  const extension = extensionOf(name);
  const fromName = byExtension[extension];
  if (fromName) return fromName;
  if (!vagueMediaTypes.has(type) && !type.startsWith('text/')) throw new DocumentError('unsupported');
  return null;
};

/** Lower case, without the dot; empty where there is none. */
const extensionOf = (name: string | null): string => /\.([A-Za-z0-9]{1,8})$/.exec(name ?? '')?.[1]?.toLowerCase() ?? '';

const mismatch = (declared: DocumentFormat, found: string): DocumentError =>
  new DocumentError(
    'format_mismatch',
    `By its name or type it is ${names[declared]}, but it holds ${found}. Give it its right name and type, or save it as what it is to be.`,
  );

const looksLikeHtml = (bytes: Uint8Array): boolean => {
  const start = Buffer.from(bytes.subarray(0, sniffedCharacters)).toString('latin1').toLowerCase();
  return /^[^<]{0,8}<(?:!doctype html|html|head|body)\b/.test(start.trimStart());
};
