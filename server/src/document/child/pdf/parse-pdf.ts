import { getResolvedPDFJS } from 'unpdf';
import { cleanTitle } from '../../../core/knowledge/clean-line.ts';
import { DocumentError } from '../../../core/knowledge/document-error.ts';
import { maxDocumentCharacters, maxDocumentPages } from '../../../core/knowledge/document-limits.ts';
import type { ParsedDocument } from '../../../core/knowledge/document-parser.ts';
import { BlockList } from '../block-list.ts';
import { emptyHead } from '../empty-head.ts';
import { buildBlocks } from './build-blocks.ts';
import { buildLines } from './build-lines.ts';
import { dropRunningLines } from './drop-running-lines.ts';
import { createMissingTables } from './missing-tables.ts';
import { createFonts, type Fonts } from './read-fonts.ts';
import { asksForFont, readRuns, type TextItem } from './read-runs.ts';
import type { PageText } from './text-line.ts';
import { createUnnamedGlyphs, type UnnamedGlyphs } from './unnamed-glyphs.ts';

type Pdf = Awaited<ReturnType<Awaited<ReturnType<typeof getResolvedPDFJS>>['getDocument']>['promise']>;

/** Pictures are not looked at: one larger than this is not unpacked. */
const maxPicturePixels = 1;
/** A page with fewer letters has a number or a stamp on it. */
const minPageLetters = 3;
const listedPages = 10;

/**
 * A PDF with its pages. Scripts in it are not run, forms and attachments not read. Throws DocumentError: `no_text` where
 * its pages are blank or pictures, `damaged` where none can be read.
 */
export const parsePdf = async (bytes: Uint8Array): Promise<ParsedDocument> => {
  const tables = createMissingTables();
  const pdf = await openPdf(bytes, tables.BinaryDataFactory);
  try {
    return await readPdf(pdf, tables.tell);
  } finally {
    await pdf.loadingTask.destroy();
  }
};

const readPdf = async (pdf: Pdf, tellLost: () => string | null): Promise<ParsedDocument> => {
  if (pdf.numPages > maxDocumentPages) throw new DocumentError('too_many_pages');
  const unnamed = createUnnamedGlyphs();
  const { pages, unreadable } = await readPages(pdf, { fonts: createFonts(), unnamed });
  const list = new BlockList();
  buildBlocks(dropRunningLines(pages), list);
  const wordless = pages.filter((page) => lettersOf(page) < minPageLetters).map((page) => page.page);
  const lost = tellLost();
  if (pages.length === 0 && unreadable.length > 0) throw new DocumentError('damaged');
  if (wordless.length === pages.length || list.blocks.length === 0) {
    throw new DocumentError('no_text', lost === null ? undefined : `No text was found. ${lost}`);
  }
  return {
    ...emptyHead,
    ...(await readProperties(pdf)),
    blocks: list.blocks,
    pageCount: pdf.numPages,
    warnings: [
      ...(lost === null ? [] : [`Some text is missing. ${lost}`]),
      ...unnamed.tell(),
      ...tellPages(
        wordless,
        'had no text: it may be a picture. Run text recognition (OCR) over the document if it matters.',
      ),
      ...tellPages(unreadable, 'could not be read. Open the document in the program it comes from, and save it again.'),
    ],
  };
};

const openPdf = async (bytes: Uint8Array, BinaryDataFactory: unknown): Promise<Pdf> => {
  const { getDocument } = await getResolvedPDFJS();
  try {
    // it takes the bytes over, and does not take a Buffer
    return await getDocument({
      data: new Uint8Array(bytes),
      BinaryDataFactory,
      disableFontFace: true,
      enableXfa: false,
      // how the glyphs of each font become text
      fontExtraProperties: true,
      isEvalSupported: false,
      maxImageSize: maxPicturePixels,
      useSystemFonts: false,
      useWorkerFetch: false,
      verbosity: 0,
    } as Parameters<typeof getDocument>[0]).promise;
  } catch (error) {
    const { name } = error as Error;
    throw new DocumentError(name === 'PasswordException' ? 'encrypted' : 'damaged');
  }
};

type Reading = { fonts: Fonts; unnamed: UnnamedGlyphs };

/** `unreadable`: numbers of pages that the document promises and cannot show, which do not take the others with them. */
const readPages = async (pdf: Pdf, reading: Reading): Promise<{ pages: PageText[]; unreadable: number[] }> => {
  const pages: PageText[] = [];
  const unreadable: number[] = [];
  let characters = 0;
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await readPage(pdf, number, reading);
    if (page === null) {
      unreadable.push(number);
      continue;
    }
    characters += page.lines.reduce((sum, line) => sum + line.text.length, 0);
    if (characters > maxDocumentCharacters) throw new DocumentError('too_much_text');
    pages.push(page);
  }
  return { pages, unreadable };
};

const readPage = async (pdf: Pdf, number: number, { fonts, unnamed }: Reading): Promise<PageText | null> => {
  try {
    const page = await pdf.getPage(number);
    const view = page.getViewport({ scale: 1 });
    const content = await page.getTextContent({ disableNormalization: true });
    const items = (content.items as unknown as TextItem[]).filter((item) => typeof item.str === 'string');
    if (items.some(asksForFont)) await fonts.read(page, new Set(items.map((item) => item.fontName)));
    for (const item of items) unnamed.count(item.str, fonts.find(item.fontName));
    const lines = buildLines(readRuns(items, view.transform, fonts));
    page.cleanup();
    return { page: number, width: view.width, height: view.height, lines };
  } catch {
    return null;
  }
};

const lettersOf = (page: PageText): number =>
  page.lines.reduce((sum, line) => sum + (line.text.match(/[\p{L}\p{N}]/gu)?.length ?? 0), 0);

const tellPages = (pages: readonly number[], what: string): string[] => {
  if (pages.length === 0) return [];
  const listed = pages.slice(0, listedPages).join(', ') + (pages.length > listedPages ? ', …' : '');
  return [`${pages.length === 1 ? 'Page' : 'Pages'} ${listed} ${what}`];
};

const readProperties = async (pdf: Pdf): Promise<{ title: string | null; language: string | null }> => {
  try {
    const { info } = await pdf.getMetadata();
    const { Title: title, Language: language } = info as { Title?: unknown; Language?: unknown };
    return {
      // what a program writes there is often only the name of a file
      title: typeof title === 'string' && !/\.\w{2,5}$/.test(title) ? cleanTitle(title) : null,
      language: typeof language === 'string' && /^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.test(language) ? language : null,
    };
  } catch {
    return { title: null, language: null };
  }
};
