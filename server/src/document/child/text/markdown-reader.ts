import type { Nodes, Root, RootContent } from 'mdast';
import { DocumentError } from '../../../core/knowledge/document-error.ts';
import type { BlockList } from '../block-list.ts';
import { inlineText } from '../html/inline-text.ts';
import { parseMarkup } from '../html/parse-markup.ts';
import { readElements } from '../html/read-elements.ts';

const maxDepth = 100;

const checkDepth = (depth: number): void => {
  if (depth > maxDepth) throw new DocumentError('damaged', 'The text nests its quotes and lists too deep to be read.');
};

/** Reads a tree of Markdown into blocks, in the words that a reader sees. */
export class MarkdownReader {
  readonly #list: BlockList;

  constructor(list: BlockList) {
    this.#list = list;
  }

  read(root: Root): void {
    this.#blocks(root.children, 0);
  }

  #blocks(nodes: readonly RootContent[], depth: number): void {
    checkDepth(depth);
    // a piece of HTML often opens in one node and closes in another
    let markup: string[] = [];
    const endMarkup = (): void => {
      if (markup.length > 0) this.#markup(markup.join('\n'));
      markup = [];
    };
    for (const node of nodes) {
      if (node.type === 'html') markup.push(node.value);
      else if (markup.length > 0 && isOpen(markup.join('\n'))) markup.push(`<p>${escapeMarkup(plainText(node))}</p>`);
      else {
        endMarkup();
        this.#block(node, depth);
      }
    }
    endMarkup();
  }

  #block(node: RootContent, depth: number): void {
    if (node.type === 'heading') {
      const { text, anchor } = withoutAnchor(plainText(node));
      this.#list.heading(node.depth, text, { page: null, anchor });
    } else if (node.type === 'list') {
      if (holdsBlocks(node)) this.#items(node, depth);
      else this.#list.paragraph(listLines(node, 0).join('\n'));
    } else if (node.type === 'blockquote') this.#blocks(node.children, depth + 1);
    else if (node.type === 'table') {
      const [header = [], ...rows] = node.children.map((row) => row.children.map((cell) => plainText(cell)));
      this.#list.table(header, rows);
    } else this.#list.paragraph(plainText(node));
  }

  /** Items that hold blocks. A number stays with its item, since what is done in which order is told by it. */
  #items(list: List, depth: number): void {
    for (const [at, { children }] of list.children.entries()) {
      const [first, ...rest] = children;
      if (list.ordered === true && first?.type === 'paragraph') {
        this.#list.paragraph(`${numberOf(list, at)} ${plainText(first)}`);
        this.#blocks(rest, depth + 1);
      } else this.#blocks(children, depth + 1);
    }
  }

  #markup(markup: string): void {
    const { body } = parseMarkup(markup);
    if (body) readElements(body, this.#list);
  }
}

const isOpen = (markup: string): boolean =>
  (markup.match(/<(?:details|table|div|dl|ul|ol)\b/gi)?.length ?? 0) >
  (markup.match(/<\/(?:details|table|div|dl|ul|ol)\s*>/gi)?.length ?? 0);

const escapeMarkup = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** `{#id}` behind a heading names its anchor. */
const withoutAnchor = (text: string): { text: string; anchor: string | null } => {
  const found = /\{#([\w-]{1,200})\}\s*$/.exec(text);
  return found ? { text: text.slice(0, found.index).trimEnd(), anchor: found[1] ?? null } : { text, anchor: null };
};

/** Alternative texts of pictures are left out: they say what is to be seen, which nobody does. */
const plainText = (node: Nodes, depth = 0): string => {
  checkDepth(depth);
  if (node.type === 'text') return node.value.replaceAll('\n', ' ');
  if (node.type === 'inlineCode' || node.type === 'code') return node.value;
  if (node.type === 'break') return '\n';
  if (node.type === 'html') return markupText(node.value);
  return 'children' in node ? node.children.map((child) => plainText(child, depth + 1)).join('') : '';
};

/** A single tag within a line says nothing, but for one that breaks it. */
const markupText = (markup: string): string => {
  if (/^<br\s*\/?>$/i.test(markup)) return '\n';
  if (/^<[^>]*>$/.test(markup)) return '';
  const { body } = parseMarkup(markup);
  return body ? inlineText(body) : '';
};

type List = Extract<RootContent, { type: 'list' }>;

/** An item may hold whole sections: code, tables and several paragraphs stand by themselves then. */
const holdsBlocks = (list: List): boolean =>
  list.children.some((item) => item.children.some((child) => child.type !== 'paragraph' && child.type !== 'list'));

const numberOf = (list: List, at: number): string => `${(list.start ?? 1) + at}.`;

const listLines = (list: List, depth: number): string[] => {
  checkDepth(depth);
  return list.children.flatMap((item, at) => {
    const text = item.children.flatMap((child) => (child.type === 'list' ? [] : [plainText(child)])).join(' ');
    const sign = list.ordered === true ? numberOf(list, at) : '-';
    const nested = item.children.flatMap((child) => (child.type === 'list' ? listLines(child, depth + 1) : []));
    return [`${sign} ${text.replaceAll('\n', ' ')}`, ...nested];
  });
};
