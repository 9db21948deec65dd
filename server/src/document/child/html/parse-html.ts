import { cleanTitle } from '../../../core/knowledge/clean-line.ts';
import { DocumentError } from '../../../core/knowledge/document-error.ts';
import type { ParsedDocument } from '../../../core/knowledge/document-parser.ts';
import { blockCharacters } from '../block-characters.ts';
import { BlockList } from '../block-list.ts';
import { emptyHead } from '../empty-head.ts';
import { decodeText } from '../text/decode-text.ts';
import type { DomDocument } from './dom.ts';
import { faqPairs } from './faq-pairs.ts';
import { findContent } from './find-content.ts';
import { isLoginPage } from './login-page.ts';
import { mergeFaq } from './merge-faq.ts';
import { pageLinks } from './page-links.ts';
import { parseMarkup } from './parse-markup.ts';
import { readElements } from './read-elements.ts';

export type HtmlOrigin = { url: string | null; charset: string | null };

/** Where a page says what it is encoded in. */
const sniffedBytes = 2_048;

/** A page of HTML. Throws DocumentError, `login_page` where there is nothing but a form to sign in. */
export const parseHtml = (bytes: Uint8Array, { url, charset }: HtmlOrigin): ParsedDocument => {
  const markup = decodeText(bytes, charset ?? declaredCharset(bytes));
  const document = parseMarkup(markup);
  const list = new BlockList();
  const content = findContent(document, markup);
  if (content) readElements(content.root, list, content.isLeftOut);
  const blocks = mergeFaq(list.blocks, faqPairs(document));
  const textLength = blocks.reduce((sum, block) => sum + blockCharacters(block), 0);
  if (isLoginPage(document, textLength)) throw new DocumentError('login_page');
  if (blocks.length === 0) throw emptyPage(document);
  return { ...emptyHead, ...describePage(document, url), blocks };
};

const declaredCharset = (bytes: Uint8Array): string | null =>
  /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]+)/i.exec(
    Buffer.from(bytes.subarray(0, sniffedBytes)).toString('latin1'),
  )?.[1] ?? null;

const describePage = (document: DomDocument, url: string | null) => {
  const robots = metaContent(document, 'meta[name="robots" i]').toLowerCase();
  const title = metaContent(document, 'meta[property="og:title"]');
  return {
    title: cleanTitle(titleOf(document)) ?? cleanTitle(title) ?? firstHeading(document),
    language: languageOf(document),
    noIndex: /\b(?:noindex|none)\b/.test(robots),
    noFollow: /\b(?:nofollow|none)\b/.test(robots),
    ...pageLinks(document, url),
  };
};

/** A title may stand behind what opens the body; pictures drawn in a page have titles too. */
const titleOf = (document: DomDocument): string => {
  const loose = document.querySelector('title');
  return document.title || (loose && !loose.closest('svg') ? (loose.textContent ?? '') : '');
};

const metaContent = (document: DomDocument, selector: string): string =>
  document.querySelector(selector)?.getAttribute('content') ?? '';

const firstHeading = (document: DomDocument): string | null =>
  cleanTitle(document.querySelector('h1')?.textContent ?? '');

const languageOf = (document: DomDocument): string | null => {
  const language = document.documentElement?.getAttribute('lang') ?? document.documentElement?.getAttribute('xml:lang');
  return language != null && /^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.test(language) ? language : null;
};

const emptyPage = (document: DomDocument): DocumentError =>
  document.querySelector('script')
    ? new DocumentError(
        'empty',
        'The page has no text without its scripts, which are not run. Add its text as a file, or the page that its server makes for search engines.',
      )
    : new DocumentError('empty');
