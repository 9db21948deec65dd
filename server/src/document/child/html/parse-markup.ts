import { parseHTML } from 'linkedom';
import { completeStructure } from './complete-structure.ts';
import type { DomDocument } from './dom.ts';
import { lowerAttributeNames } from './lower-attribute-names.ts';

/** A document of a whole page, or of a piece of one, with a head and a body. Nothing of it is run or fetched. */
export const parseMarkup = (markup: string): DomDocument => {
  const { document } = parseHTML(markup) as unknown as { document: DomDocument };
  lowerAttributeNames(document);
  completeStructure(document);
  return document;
};
