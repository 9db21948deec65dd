import { isProbablyReaderable, Readability } from '@mozilla/readability';
import type { DomDocument, DomElement } from './dom.ts';
import { isBesideContent, isHiddenByStyle } from './element-kinds.ts';
import { inlineText } from './inline-text.ts';
import { parseMarkup } from './parse-markup.ts';

export type PageContent = { root: DomElement; isLeftOut: (element: DomElement) => boolean };

/** Where the article holds less of the page than this, the page is more than an article. */
const minArticleShare = 0.5;
/** More elements than an article has. */
const maxElements = 50_000;

/**
 * What a page is about: what it marks as its content, or the article in it where nearly everything is one, or all that is
 * not navigation, head, foot or margin.
 */
export const findContent = (document: DomDocument, markup: string): PageContent | null => {
  const { body } = document;
  if (!body) return null;
  const marked = onlyOne(body, 'main,[role="main"]') ?? onlyOne(body, 'article');
  const around = { root: body, isLeftOut: isBesideContent };
  if (marked && inlineText(marked) !== '') return { root: marked, isLeftOut: () => false };
  const article = readArticle(document, markup);
  if (!article) return around;
  const share = inlineText(article).length / Math.max(inlineText(body, isBesideContent).length, 1);
  return share >= minArticleShare ? { root: article, isLeftOut: () => false } : around;
};

const onlyOne = (body: DomElement, selector: string): DomElement | null => {
  const found = [...body.querySelectorAll(selector)];
  return found.length === 1 ? (found[0] ?? null) : null;
};

/** The article comes without the styles that would tell. */
const withoutHidden = (document: DomDocument): DomDocument => {
  for (const element of document.querySelectorAll('body [style]')) if (isHiddenByStyle(element)) element.remove();
  return document;
};

const asElement = (node: unknown): DomElement => node as DomElement;

/** It changes the document it is given, and so gets one of its own. */
const readArticle = (document: DomDocument, markup: string): DomElement | null => {
  const none = { visibilityChecker: () => true };
  if (!isProbablyReaderable(document, none)) return null;
  try {
    const reader = new Readability<DomElement>(withoutHidden(parseMarkup(markup)), {
      serializer: asElement,
      maxElemsToParse: maxElements,
      keepClasses: false,
    });
    return reader.parse()?.content ?? null;
  } catch {
    // it gives up on what it does not know; the page is then read whole
    return null;
  }
};
