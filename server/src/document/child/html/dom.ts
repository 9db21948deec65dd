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
  getAttributeNames(): readonly string[];
  hasAttribute(name: string): boolean;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelector(selector: string): DomElement | null;
  querySelectorAll(selector: string): Iterable<DomElement>;
  closest(selector: string): DomElement | null;
  append(node: DomNode): void;
  replaceChildren(...nodes: DomNode[]): void;
  remove(): void;
};

export type DomDocument = Omit<DomElement, 'parentElement'> & {
  readonly documentElement: DomElement | null;
  readonly body: DomElement | null;
  readonly title: string;
  createElement(name: string): DomElement;
};

const elementNode = 1;
export const textNode = 3;

export const isElement = (node: DomNode): node is DomElement => node.nodeType === elementNode;
