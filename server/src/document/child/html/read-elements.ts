import type { BlockList } from '../block-list.ts';
import { type DomElement, type DomNode, isElement, textNode } from './dom.ts';
import { isBlock, isSkipped } from './element-kinds.ts';
import { findAnchor } from './find-anchor.ts';
import { inlineText, preformattedText } from './inline-text.ts';
import { listLines } from './list-lines.ts';
import { checkNesting } from './nesting-limit.ts';
import { isLayoutTable, readTable } from './read-table.ts';

/** An answer longer than this is a section of its own. */
const maxAnswerCharacters = 4_000;

const complex = 'h1,h2,h3,h4,h5,h6,table,details,pre';

/** Reads the text of an element into blocks, in its order. Throws DocumentError. */
export const readElements = (
  root: DomElement,
  list: BlockList,
  isLeftOut: (element: DomElement) => boolean = never,
): void => new ElementReader(list, isLeftOut).read(root);

const never = (): boolean => false;

class ElementReader {
  readonly #list: BlockList;
  readonly #isLeftOut: (element: DomElement) => boolean;
  /** Text of the paragraph that is open. */
  #open: string[] = [];
  /** Headings that the place stands below, outermost first; each with the anchor that leads to it or to one around it. */
  #headings: { level: number; anchor: string | null }[] = [];
  #depth = 0;

  constructor(list: BlockList, isLeftOut: (element: DomElement) => boolean) {
    this.#list = list;
    this.#isLeftOut = isLeftOut;
  }

  read(root: DomElement): void {
    this.#children(root);
    this.#endParagraph();
  }

  #children(element: DomElement): void {
    this.#depth += 1;
    checkNesting(this.#depth);
    for (const node of element.childNodes) this.#node(node);
    this.#depth -= 1;
  }

  #node(node: DomNode): void {
    if (node.nodeType === textNode) this.#open.push((node.textContent ?? '').replaceAll(/\s+/g, ' '));
    else if (isElement(node) && !isSkipped(node) && !this.#isLeftOut(node)) this.#element(node);
  }

  #element(element: DomElement): void {
    if (element.localName === 'br') {
      this.#open.push('\n');
      return;
    }
    if (!isBlock(element)) {
      this.#children(element);
      return;
    }
    this.#endParagraph();
    this.#block(element);
    this.#endParagraph();
  }

  #block(element: DomElement): void {
    if (element.getAttribute('itemtype')?.endsWith('schema.org/Question') === true && this.#question(element)) return;
    switch (element.localName) {
      case 'h1':
      case 'h2':
      case 'h3':
      case 'h4':
      case 'h5':
      case 'h6':
        this.#heading(element);
        return;
      case 'ul':
      case 'ol':
      case 'menu':
        this.#listing(element);
        return;
      case 'dl':
        this.#definitions(element);
        return;
      case 'table':
        this.#table(element);
        return;
      case 'details':
        this.#details(element);
        return;
      case 'pre':
        this.#list.paragraph(preformattedText(element), this.#place());
        return;
      default:
        this.#children(element);
    }
  }

  #heading(element: DomElement): void {
    const level = Number(element.localName.slice(1));
    this.#headings = this.#headings.filter((heading) => heading.level < level);
    this.#headings.push({ level, anchor: findAnchor(element) ?? this.#place().anchor });
    // a sign that links to the heading itself is no part of it
    this.#list.heading(
      level,
      inlineText(element)
        .replace(/[#¶§🔗]$/u, '')
        .trimEnd(),
      this.#place(),
    );
  }

  #listing(element: DomElement): void {
    if (element.querySelector(complex)) this.#children(element);
    else this.#list.paragraph(listLines(element).join('\n'), this.#place());
  }

  #definitions(element: DomElement): void {
    let terms: string[] = [];
    const lines: string[] = [];
    for (const child of element.querySelectorAll('dt,dd')) {
      if (child.closest('dl') !== element || isSkipped(child)) continue;
      const text = inlineText(child);
      if (child.localName === 'dt') terms.push(text);
      else if (terms.length === 1 && terms[0]?.endsWith('?')) {
        this.#list.question(terms[0], text, this.#place());
        terms = [];
      } else {
        lines.push(terms.length > 0 ? `${terms.join(', ')}: ${text}` : text);
        terms = [];
      }
    }
    this.#list.paragraph([...lines, ...terms].join('\n'), this.#place());
  }

  #table(element: DomElement): void {
    if (isLayoutTable(element)) {
      this.#children(element);
      return;
    }
    const { caption, header, rows } = readTable(element);
    this.#list.paragraph(caption, this.#place());
    this.#list.table(header, rows, this.#place());
  }

  #details(element: DomElement): void {
    const summary = [...element.children].find((child) => child.localName === 'summary');
    const title = summary ? inlineText(summary) : '';
    const anchor = element.getAttribute('id') ?? this.#place().anchor;
    summary?.remove();
    const answer = inlineText(element);
    if (title !== '' && answer !== '' && answer.length <= maxAnswerCharacters && !element.querySelector(complex)) {
      this.#list.question(title, answer, { page: null, anchor });
      return;
    }
    this.#list.heading((this.#headings.at(-1)?.level ?? 1) + 1, title, { page: null, anchor });
    this.#children(element);
  }

  /** Microdata of schema.org. False where it is not complete. */
  #question(element: DomElement): boolean {
    const name = element.querySelector('[itemprop="name"]');
    const answer = element.querySelector('[itemprop="acceptedAnswer"] [itemprop="text"],[itemprop="acceptedAnswer"]');
    if (!name || !answer) return false;
    this.#list.question(inlineText(name), inlineText(answer), {
      page: null,
      anchor: element.getAttribute('id') ?? this.#place().anchor,
    });
    return true;
  }

  #endParagraph(): void {
    if (this.#open.length === 0) return;
    const text = this.#open.join('');
    this.#open = [];
    this.#list.paragraph(text, this.#place());
  }

  #place(): { page: null; anchor: string | null } {
    return { page: null, anchor: this.#headings.at(-1)?.anchor ?? null };
  }
}
