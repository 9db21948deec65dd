/** What is used of a page of pdf.js to look at its glyphs. */
export type GlyphPage = { getOperatorList(): Promise<{ fnArray: number[]; argsArray: unknown[] }> };

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]+/gu;
/** Shorter ones are ligatures, which could as well be two letters the other way round. */
const minLetters = 3;
const maxClusters = 200;

/** Words in a script from right to left that a font gives as the text of a single glyph, longest first. */
export const readClusters = async (page: GlyphPage): Promise<string[]> => {
  const { argsArray } = await page.getOperatorList();
  const clusters = new Set<string>();
  for (const args of argsArray) {
    const glyphs: unknown = Array.isArray(args) ? args[0] : null;
    if (!Array.isArray(glyphs)) continue;
    for (const glyph of glyphs) {
      const text: unknown =
        typeof glyph === 'object' && glyph !== null ? (glyph as { unicode?: unknown }).unicode : null;
      if (typeof text !== 'string' || text.length < minLetters || clusters.size >= maxClusters) continue;
      for (const [word] of text.matchAll(rightToLeft)) if (word.length >= minLetters) clusters.add(word);
    }
  }
  return [...clusters].toSorted((a, b) => b.length - a.length);
};
