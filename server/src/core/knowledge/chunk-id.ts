import { createHash } from 'node:crypto';
import type { Passage } from './chunk-text.ts';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The id of a passage, made from its source and page, its headings and its text: it survives a refresh that leaves the
 * passage as it is, wherever it has moved in its page. `occurrence` tells equal passages of one page apart, from 0. 128
 * bits of SHA-256 in the form of every other id.
 */
export const chunkId = (
  page: { sourceId: string; url: string | null },
  passage: Pick<Passage, 'headings' | 'text'>,
  occurrence: number,
): string => {
  const place = page.url === null ? [page.sourceId] : [page.sourceId, page.url];
  const hash = createHash('sha256')
    .update(JSON.stringify([...place, passage.headings, passage.text, occurrence]))
    .digest();
  let bits = hash.readBigUInt64BE(0) * 2n ** 64n + hash.readBigUInt64BE(8);
  let text = '';
  for (let count = 0; count < 26; count++) {
    text = `${alphabet[Number(bits & 31n)]}${text}`;
    bits >>= 5n;
  }
  return `chunk_${text}`;
};
