import { hiddenColor, shownColor } from './mark-hidden.ts';

/** What is used of the elements that the library reads a document into, before it writes them as HTML. */
export type DocxElement = {
  type: string;
  children?: DocxElement[];
  value?: string;
  styleId?: string | null;
  styleName?: string | null;
  highlight?: string | null;
};

/** Hides what a style hides, and puts headings below the title where there is one, which is none of them itself. */
export const shapeDocument = (document: DocxElement, hiddenStyles: ReadonlySet<string>): DocxElement => {
  const paragraphs: DocxElement[] = [];
  const visit = (element: DocxElement, isHidden: boolean): void => {
    const hides = isHidden || hiddenStyles.has(element.styleId ?? '');
    if (element.type === 'paragraph') paragraphs.push(element);
    if (element.type === 'run' && hides && element.highlight !== shownColor) element.highlight = hiddenColor;
    for (const child of element.children ?? []) visit(child, hides);
  };
  visit(document, false);
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
