import type { DomDocument } from './dom.ts';

/** More than any element has; each one that is renamed is looked for among all of them. */
const maxAttributes = 100;

/** Names of attributes are the same in capitals (HTML, 13.2.5.33), which the library leaves as they are. */
export const lowerAttributeNames = (document: DomDocument): void => {
  for (const element of document.querySelectorAll('*')) {
    for (const name of element.getAttributeNames().slice(0, maxAttributes)) {
      const lower = name.toLowerCase();
      if (lower === name) continue;
      if (!element.hasAttribute(lower)) element.setAttribute(lower, element.getAttribute(name) ?? '');
      element.removeAttribute(name);
    }
  }
};
