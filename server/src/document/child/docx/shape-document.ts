import { hiddenColor, shownColor } from './mark-hidden.ts';

/** What is used of the elements that the library reads a document into, before it writes them as HTML. */
export type DocxElement = {
  type: string;
  children?: DocxElement[];
  value?: string;
  styleId?: string | null;
  styleName?: string | null;
  highlight?: string | null;
  /** Of a note, which stands in no element. */
  body?: DocxElement[];
};

export type DocxDocument = DocxElement & {
  /** Finds the note that an element of the type `noteReference` leads to. */
  notes: { resolve: (reference: DocxElement) => DocxElement | null };
};

/** Hides what a style hides, and puts headings below the title where there is one, which is none of them itself. */
export const shapeDocument = (document: DocxDocument, hiddenStyles: ReadonlySet<string>): DocxDocument => {
  const paragraphs: DocxElement[] = [];
  const notes = new Set<DocxElement>();
  const visit = (element: DocxElement, isHidden: boolean): void => {
    const hides = isHidden || hiddenStyles.has(element.styleId ?? '');
    if (element.type === 'paragraph') paragraphs.push(element);
    if (element.type === 'run' && hides && element.highlight !== shownColor) element.highlight = hiddenColor;
    const note = element.type === 'noteReference' ? document.notes.resolve(element) : null;
    if (note) notes.add(note);
    for (const child of element.children ?? element.body ?? []) visit(child, hides);
  };
  visit(document, false);
  // also those that notes refer to, each once: one may refer to itself
  for (const note of notes) visit(note, false);
  if (paragraphs.some((paragraph) => isTitle(paragraph) && hasText(paragraph))) paragraphs.forEach(lowerHeading);
  return document;
};

const isTitle = ({ styleId, styleName }: DocxElement): boolean =>
  (styleName ?? styleId ?? '').toLowerCase() === 'title' || styleId === 'Title';

const hasText = ({ value, highlight, children = [] }: DocxElement): boolean =>
  highlight !== hiddenColor && ((value ?? '').trim() !== '' || children.some(hasText));

const lastLevel = 6;

/** Names of styles as the library knows them; Pages and LibreOffice have one without a number. */
const lowerHeading = (paragraph: DocxElement): void => {
  const found =
    /^heading(?: ([1-6]))?$/i.exec(paragraph.styleName ?? '') ?? /^Heading([1-6])?$/.exec(paragraph.styleId ?? '');
  if (!found) return;
  const level = Math.min(Number(found[1] ?? 1) + 1, lastLevel);
  paragraph.styleId = `Heading${level}`;
  paragraph.styleName = `Heading ${level}`;
};
