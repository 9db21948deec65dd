import { DocumentError } from '../../../core/knowledge/document-error.ts';

/** Deeper ones are made to be deep. */
const maxNesting = 500;

/** Throws `damaged` for elements within each other that are more than are read: what is deeper is not left out unsaid. */
export const checkNesting = (depth: number): void => {
  if (depth > maxNesting) throw new DocumentError('damaged', 'The document nests its elements too deep to be read.');
};
