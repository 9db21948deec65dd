import type { DomElement } from './dom.ts';

/** Longer ones are made by programs for themselves. */
const maxAnchorCharacters = 200;

/**
 * The id that leads to a heading: its own, that of a mark within it, that of the section which it opens, or that of an
 * empty mark right before it.
 */
export const findAnchor = (heading: DomElement): string | null => {
  const within = heading.querySelector('[id],a[name]');
  const parent = heading.parentElement;
  const before = parent ? elementBefore(parent, heading) : null;
  const section = parent && !before && /^(?:section|article|div|header)$/.test(parent.localName) ? parent : null;
  const mark = before && (before.textContent ?? '').trim() === '' ? before : null;
  return idOf(heading) ?? idOf(within) ?? idOf(section) ?? idOf(mark);
};

const idOf = (element: DomElement | null): string | null => {
  const id = element?.getAttribute('id') ?? (element?.localName === 'a' ? element.getAttribute('name') : null);
  return id != null && id !== '' && id.length <= maxAnchorCharacters && !/\s/.test(id) ? id : null;
};

const elementBefore = (parent: DomElement, element: DomElement): DomElement | null => {
  let before: DomElement | null = null;
  for (const child of parent.children) {
    if (child === element) return before;
    before = child;
  }
  return null;
};
