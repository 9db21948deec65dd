import { foldText } from './fold-text.ts';
import { splitWords } from './split-words.ts';

/** A word; or a character, in scripts that write words without spaces. */
export type SaidWord = {
  /** Folded. */
  text: string;
  /** Offsets in the text. */
  start: number;
  end: number;
  /** True where one paused before it: for a comma, another mark, or a line's end. */
  afterPause: boolean;
  /** False for a character inside a word. */
  beginsWord: boolean;
};

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

/** What stands between two words of those who pause; where words are written without spaces a space is enough. */
const pause = /[^\s]|\n/u;
const spaceless = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u;

const foldWord = (word: string): string => foldText(word.replaceAll('’', "'"));

/** The words of a text, without their places. */
export const foldedWords = (text: string): string[] =>
  splitWords(text).flatMap((word) => (word.kind === 'word' ? foldWord(word.text) : Array.from(word.text, foldText)));

/** The words of a text, in its order. */
export const saidWords = (text: string): SaidWord[] => {
  const said: SaidWord[] = [];
  let before = 0;
  for (const word of splitWords(text)) {
    const gap = text.slice(before, word.start);
    const afterPause = before > 0 && (pause.test(gap) || (gap !== '' && spaceless.test(text.slice(0, before))));
    before = word.end;
    if (word.kind === 'word') {
      said.push({ text: foldWord(word.text), start: word.start, end: word.end, afterPause, beginsWord: true });
      continue;
    }
    const beginnings = new Set(Array.from(segmenter.segment(word.text), ({ index }) => index));
    let at = 0;
    for (const character of word.text) {
      const start = word.start + at;
      const end = start + character.length;
      said.push({
        text: foldText(character),
        start,
        end,
        afterPause: afterPause && at === 0,
        beginsWord: beginnings.has(at),
      });
      at += character.length;
    }
  }
  return said;
};
