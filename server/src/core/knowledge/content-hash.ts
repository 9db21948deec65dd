import { createHash } from 'node:crypto';
import type { Passage } from './chunk-text.ts';

/** What of a passage is embedded: its headings and its text, whichever source it stands in. */
export const embeddedText = ({ headings, text }: Pick<Passage, 'headings' | 'text'>): string =>
  (headings.length === 0 ? text : `${headings.join(' / ')}\n${text}`).toWellFormed();

const hashBytes = 16;

/** Names the text that is embedded: equal ones share a vector. 128 bits of SHA-256, base64url. */
export const contentHash = (passage: Pick<Passage, 'headings' | 'text'>): string =>
  createHash('sha256').update(embeddedText(passage)).digest().subarray(0, hashBytes).toString('base64url');
