/** A run of text as it stands on a page; points from the upper left corner, `y` of the base line. */
export type TextRun = {
  text: string;
  left: number;
  right: number;
  y: number;
  /** Of the font, in points. */
  size: number;
  font: string;
  isRightToLeft: boolean;
};

/** Runs on one base line that belong together. */
export type TextLine = {
  runs: TextRun[];
  text: string;
  left: number;
  right: number;
  y: number;
  /** Of most of its characters. */
  size: number;
  font: string;
  isRightToLeft: boolean;
};

export type PageText = { page: number; width: number; height: number; lines: TextLine[] };

const rightToLeftLetters = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/gu;

export const isMostlyRightToLeft = (text: string): boolean => {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return letters > 0 && (text.match(rightToLeftLetters)?.length ?? 0) * 2 >= letters;
};
