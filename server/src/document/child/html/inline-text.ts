import { type DomElement, type DomNode, isElement, textNode } from './dom.ts';
import { isBlock, isSkipped } from './element-kinds.ts';
import { checkNesting } from './nesting-limit.ts';

/**
 * The text of an element in lines: blocks within it are lines of their own. `isLeftOut` tells what does not belong. Throws
 * DocumentError where it is nested too deep.
 */
export const inlineText = (element: DomElement, isLeftOut: (element: DomElement) => boolean = () => false): string => {
  const parts: string[] = [];
  const read = (node: DomNode, depth: number): void => {
    if (node.nodeType === textNode) parts.push((node.textContent ?? '').replaceAll(/\s+/g, ' '));
    else if (isElement(node) && !isSkipped(node) && !isLeftOut(node)) readElement(node, depth);
  };
  const readElement = (child: DomElement, depth: number): void => {
    checkNesting(depth);
    if (child.localName === 'br') parts.push('\n');
    const own = isBlock(child);
    if (own) parts.push(child.localName === 'li' ? '\n- ' : '\n');
    for (const node of child.childNodes) read(node, depth + 1);
    if (own) parts.push('\n');
  };
  for (const node of element.childNodes) read(node, 0);
  return parts
    .join('')
    .replaceAll(/\s+/g, (blanks) => (blanks.includes('\n') ? '\n' : blanks))
    .trim();
};

/** The text of `<pre>`, where white space means something. */
export const preformattedText = (element: DomElement): string => {
  const read = (node: DomNode, depth: number): string => {
    if (node.nodeType === textNode) return node.textContent ?? '';
    if (!isElement(node) || isSkipped(node)) return '';
    checkNesting(depth);
    return node.localName === 'br' ? '\n' : textOf(node, depth);
  };
  const textOf = (parent: DomElement, depth: number): string =>
    Array.from(parent.childNodes, (node) => read(node, depth + 1)).join('');
  return textOf(element, 0).replace(/^\n/, '').trimEnd();
};
