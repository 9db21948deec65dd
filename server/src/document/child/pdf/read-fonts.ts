/** What is used of a page of pdf.js to look at its fonts, which are known once it has been drawn. */
export type FontPage = {
  getOperatorList(): Promise<unknown>;
  commonObjs: { has(id: string): boolean; get(id: string): unknown };
};

/** How the glyphs of a font become text. */
export type PdfFont = {
  name: string;
  /** Words in a script from right to left that the font gives as the text of a single glyph, longest first. */
  clusters: readonly string[];
  /** Characters that pdf.js writes for glyphs which have no text: their number, taken for one of Unicode. */
  silent: ReadonlySet<string>;
  /** False where a character may be no more than the number of a glyph that the font does not name. */
  names(character: string): boolean;
};

/** A font as pdf.js gives it with its `fontExtraProperties`; without `_map` a glyph's number is taken for its character. */
type RawFont = { name?: unknown; composite?: unknown; toUnicode?: { _map?: Record<number, unknown> } };

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]+/gu;
/** Shorter ones are ligatures, which could as well be two letters the other way round. */
const minLetters = 3;
const maxClusters = 200;
/** A document of 2,000 pages has some dozens; those of others count as fonts that name what they draw. */
const maxFonts = 1_000;

/** Looks at each font of a document once. */
export const createFonts = () => {
  const fonts = new Map<string, PdfFont>();
  return {
    /** Of an item of text; undefined where nothing is known of it. */
    find: (id: string): PdfFont | undefined => fonts.get(id),

    /** `ids`: those that the page uses. */
    async read(page: FontPage, ids: Iterable<string>): Promise<void> {
      const unread = [...ids].filter((id) => !fonts.has(id));
      if (unread.length === 0 || fonts.size >= maxFonts) return;
      try {
        await page.getOperatorList();
      } catch {
        // a page that cannot be drawn may have text that can be read
        return;
      }
      for (const id of unread) {
        if (page.commonObjs.has(id)) fonts.set(id, readFont(page.commonObjs.get(id) as RawFont));
      }
    },
  };
};

export type Fonts = ReturnType<typeof createFonts>;

const readFont = ({ name, composite, toUnicode }: RawFont): PdfFont => {
  const map = toUnicode?._map;
  const entries = Object.entries(map ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const written = new Set(entries.flatMap(([, text]) => Array.from(text)));
  const silent = entries.filter(([, text]) => text === '').map(([code]) => String.fromCharCode(Number(code)));
  return {
    name: typeof name === 'string' ? name : '',
    clusters: clustersOf(entries.map(([, text]) => text)),
    silent: new Set(silent.filter((character) => !written.has(character))),
    // the codes of a font of one byte are characters of an encoding, whether it names them or not
    names: (character) => composite !== true || written.has(character),
  };
};

const clustersOf = (texts: readonly string[]): string[] => {
  const clusters = new Set<string>();
  for (const text of texts) {
    if (text.length < minLetters || clusters.size >= maxClusters) continue;
    for (const [word] of text.matchAll(rightToLeft)) if (word.length >= minLetters) clusters.add(word);
  }
  return [...clusters].toSorted((a, b) => b.length - a.length);
};
