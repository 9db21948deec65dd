import mammoth from 'mammoth';
import { cleanLine, cleanTitle } from '../../../core/knowledge/clean-line.ts';
import { DocumentError } from '../../../core/knowledge/document-error.ts';
import type { ParsedDocument } from '../../../core/knowledge/document-parser.ts';
import { BlockList } from '../block-list.ts';
import { emptyHead } from '../empty-head.ts';
import { inlineText } from '../html/inline-text.ts';
import { parseMarkup } from '../html/parse-markup.ts';
import { readElements } from '../html/read-elements.ts';
import { decodeText } from '../text/decode-text.ts';
import { hiddenColor, hiddenStyles, markHidden } from './mark-hidden.ts';
import { type ArchiveFile, readArchive } from './read-archive.ts';
import { type DocxDocument, shapeDocument } from './shape-document.ts';
import { writeArchive } from './write-archive.ts';

/** Text and what describes it; pictures, fonts and embedded documents stay packed. */
const isWanted = (name: string): boolean =>
  /\.(?:xml|rels)$/i.test(name) && !/(?:^|\/)(?:embeddings|media)\//i.test(name);

/** Styles of titles that are no headings by themselves, by their names and their ids, and what is hidden. */
const styleMap = [
  "p[style-name='Title'] => h1.title:fresh",
  'p.Title => h1.title:fresh',
  "p[style-name='Subtitle'] => p:fresh",
  `highlight[color='${hiddenColor}'] => !`,
];

/** The format forbids it, and what it could declare is only of use to harm. */
const hasDoctype = (file: ArchiveFile): boolean => Buffer.from(file.bytes).includes('<!DOCTYPE');

/**
 * A DOCX document. The archive is unpacked under its limits first, and what is read then is another one, which holds
 * nothing but what was counted. Throws DocumentError.
 */
export const parseDocx = async (bytes: Uint8Array): Promise<ParsedDocument> => {
  const files = readArchive(bytes, isWanted);
  if (!files.some((file) => /^word\/document\d*\.xml$/.test(file.name)) || files.some(hasDoctype)) {
    throw new DocumentError('damaged');
  }
  const list = new BlockList();
  const markup = await toMarkup(files);
  const { body } = parseMarkup(markup);
  if (body) readElements(body, list);
  const shown = [...(body?.querySelectorAll('h1.title') ?? [])].map((element) => cleanTitle(inlineText(element)));
  const { title, language } = readProperties(files);
  return {
    ...emptyHead,
    title: title ?? shown.find((text) => text !== null) ?? null,
    language,
    blocks: list.blocks,
    warnings: [],
  };
};

const toMarkup = async (files: readonly ArchiveFile[]): Promise<string> => {
  const hidden = hiddenStyles(files);
  const buffer = writeArchive(files.map(markHidden));
  const transformDocument = (document: DocxDocument): DocxDocument => shapeDocument(document, hidden);
  try {
    const convertImage = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));
    const { value } = await mammoth.convertToHtml(
      { buffer },
      { styleMap, convertImage, transformDocument, externalFileAccess: false },
    );
    return value;
  } catch {
    throw new DocumentError('damaged');
  }
};

const readProperties = (files: readonly ArchiveFile[]): { title: string | null; language: string | null } => {
  const core = files.find((file) => file.name === 'docProps/core.xml');
  if (!core) return { title: null, language: null };
  const { documentElement } = parseMarkup(decodeText(core.bytes));
  const text = (name: string): string => {
    const found = [...(documentElement?.querySelectorAll('*') ?? [])].find((element) =>
      element.localName.endsWith(name),
    );
    return cleanLine(found?.textContent ?? '');
  };
  return {
    title: cleanTitle(text('dc:title')),
    language: /^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.exec(text('dc:language'))?.[0] ?? null,
  };
};
