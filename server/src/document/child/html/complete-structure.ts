import { type DomDocument, type DomElement, type DomNode, isElement, textNode } from './dom.ts';

const headElements = new Set(
  'base basefont bgsound link meta noframes noscript script style template title'.split(' '),
);

/**
 * Gives a document `<html>`, `<head>` and `<body>` where their tags are left out, as HTML lets pages do (13.1.2.4 of the
 * standard), and puts what stands outside of them where a browser would (13.2.6.4): what is text opens the body, and
 * everything behind that belongs to it. Each node is moved once at most, so that the time is that of their number.
 */
export const completeStructure = (document: DomDocument): void => {
  const tops = [...document.childNodes];
  const root = tops.find((node) => isNamed(node, 'html')) ?? document.createElement('html');
  const head = document.createElement('head');
  let body: DomElement | null = null;
  for (const node of spread(spread(tops, 'html'), 'head')) {
    if (isNamed(node, 'body')) {
      if (body) for (const child of node.childNodes) body.append(child);
      else body = node;
    } else if (body || !belongsToHead(node)) {
      body ??= document.createElement('body');
      body.append(node);
    } else if (isElement(node)) head.append(node);
  }
  root.replaceChildren(head, body ?? document.createElement('body'));
  // what they held has been moved
  for (const node of document.childNodes) if (node !== root && isElement(node)) node.remove();
  document.append(root);
};

const isNamed = (node: DomNode, name: string): node is DomElement => isElement(node) && node.localName === name;

/** Nodes with what is in elements of a name in place of these. */
const spread = (nodes: readonly DomNode[], name: string): DomNode[] =>
  nodes.flatMap((node) => (isNamed(node, name) ? [...node.childNodes] : [node]));

/** True also for comments and for the type of the document, which open no body. */
const belongsToHead = (node: DomNode): boolean => {
  if (isElement(node)) return headElements.has(node.localName);
  return node.nodeType !== textNode || (node.textContent ?? '').trim() === '';
};
