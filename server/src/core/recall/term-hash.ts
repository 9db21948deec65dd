/** As many values as three bytes hold: two of the thousand words of a question and a segment meet once in ten thousand. */
const termSpace = 0x1000000;

/** A term as the index knows it: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), folded to 24 bits. */
export const termHash = (term: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < term.length; at++) {
    hash = Math.imul(hash ^ term.charCodeAt(at), 0x01000193);
  }
  return ((hash >>> 24) ^ hash) & (termSpace - 1);
};
