import type { PdfFont } from './read-fonts.ts';

/** One or two are a mark before a list, or a sign for a telephone. */
const minLetters = 3;
/** Names that are told of; a document uses two or three. */
const mostNames = 5;
/** Before the name of a font of which only some glyphs are in the document. */
const subsetTag = /^[A-Z]{6}\+/;

/**
 * Counts letters and figures that are no more than the numbers of glyphs: a font need not say which characters it draws,
 * and a page that looks right then reads as others, or as none.
 */
export const createUnnamedGlyphs = () => {
  const names = new Set<string>();
  let letters = 0;
  return {
    count(text: string, font: PdfFont | undefined): void {
      if (!font) return;
      const unnamed = (text.match(/[\p{L}\p{N}]/gu) ?? []).filter(
        (letter) => !font.silent.has(letter) && !font.names(letter),
      ).length;
      letters += unnamed;
      const name = font.name.replace(subsetTag, '');
      // what a document writes there is told, so it must be a name
      if (unnamed > 0 && names.size < mostNames && /^[\w-]{1,60}$/.test(name)) names.add(name);
    },
    /** What is said of text that cannot be trusted; nothing where it can. */
    tell(): string[] {
      if (letters < minLetters) return [];
      const told = names.size === 0 ? '' : ` (${[...names].join(', ')})`;
      return [
        `Some text may be wrong. Fonts of the document do not say which characters they draw${told}. Save it again with Unicode text, as PDF/A-2u has it, or run text recognition (OCR) over it.`,
      ];
    },
  };
};

export type UnnamedGlyphs = ReturnType<typeof createUnnamedGlyphs>;
