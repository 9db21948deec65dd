import type { DomElement } from './dom.ts';
import { isSkipped } from './element-kinds.ts';
import { inlineText } from './inline-text.ts';

const isList = (element: DomElement): boolean => /^(?:ul|ol|menu)$/.test(element.localName);

const maxListDepth = 20;

/** A list as lines, `- ` or the number before each; what is nested follows its item. */
export const listLines = (list: DomElement, depth = 0): string[] => {
  if (depth > maxListDepth) return [];
  let number = Number(list.getAttribute('start') ?? 1) || 1;
  const lines: string[] = [];
  for (const item of list.children) {
    if (isSkipped(item)) continue;
    if (isList(item)) lines.push(...listLines(item, depth + 1));
    else {
      const text = inlineText(item, isList).replaceAll('\n', ' ');
      const sign = list.localName === 'ol' ? `${number}.` : '-';
      if (text !== '') lines.push(`${sign} ${text}`);
      number += 1;
      for (const nested of item.querySelectorAll('ul,ol,menu')) {
        if (nested.parentElement?.closest('ul,ol,menu') === list && !isSkipped(nested))
          lines.push(...listLines(nested, depth + 1));
      }
    }
  }
  return lines;
};
