import { parseHTML } from 'linkedom';

/** What is used of the document model: the whole of it belongs to browsers, and is no part of Node's types. */
export type DomNode = {
  readonly nodeType: number;
  readonly textContent: string | null;
  readonly childNodes: Iterable<DomNode>;
};

export type DomElement = DomNode & {
  readonly localName: string;
  readonly parentElement: DomElement | null;
  readonly children: Iterable<DomElement>;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  querySelector(selector: string): DomElement | null;
  querySelectorAll(selector: string): Iterable<DomElement>;
  closest(selector: string): DomElement | null;
  remove(): void;
};

export type DomDocument = Omit<DomElement, 'parentElement'> & {
  readonly documentElement: DomElement | null;
  readonly body: DomElement | null;
  readonly title: string;
};

const elementNode = 1;
export const textNode = 3;

export const isElement = (node: DomNode): node is DomElement => node.nodeType === elementNode;

/** A document of a whole page, or of a piece of one. Nothing of it is run or fetched. */
export const parseMarkup = (markup: string): DomDocument => {
  const whole = /<(?:html|body|head)[\s>]/i.test(markup.slice(0, 20_000))
    ? markup
    : `<html><body>${markup}</body></html>`;
  return (parseHTML(whole) as unknown as { document: DomDocument }).document;
};
