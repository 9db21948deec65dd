import type { DomElement } from './dom.ts';
import { isSkipped } from './element-kinds.ts';
import { inlineText } from './inline-text.ts';
import { checkNesting } from './nesting-limit.ts';

const isList = (element: DomElement): boolean => /^(?:ul|ol|menu)$/.test(element.localName);

/**
 * A list as lines, `- ` or the number before each; what is nested follows its item. Throws DocumentError where it is
 * nested too deep.
 */
export const listLines = (list: DomElement): string[] => {
  const lines: string[] = [];
  readList(list, 0, lines);
  return lines;
};

const readList = (list: DomElement, depth: number, lines: string[]): void => {
  checkNesting(depth);
  let number = Number(list.getAttribute('start') ?? 1) || 1;
  for (const item of list.children) {
    if (isSkipped(item)) continue;
    if (isList(item)) readList(item, depth + 1, lines);
    else {
      const text = inlineText(item, isList).replaceAll('\n', ' ');
      const sign = list.localName === 'ol' ? `${number}.` : '-';
      if (text !== '') lines.push(`${sign} ${text}`);
      number += 1;
      readNested(item, depth + 1, lines);
    }
  }
};

/** Each element is seen once, however deep the lists are. */
const readNested = (element: DomElement, depth: number, lines: string[]): void => {
  checkNesting(depth);
  for (const child of element.children) {
    if (isSkipped(child)) continue;
    if (isList(child)) readList(child, depth + 1, lines);
    else readNested(child, depth + 1, lines);
  }
};
