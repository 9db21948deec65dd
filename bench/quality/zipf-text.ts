import { readXquad } from './xquad-data.ts';

const sentencesOfText = 4;
/** Words that occur once in the set are the tail of its vocabulary; of these most are exchanged for words of their own. */
const keptShare = 0.1;
const syllables = [
  'ba',
  'den',
  'fo',
  'gal',
  'ho',
  'jin',
  'ka',
  'lor',
  'mi',
  'nu',
  'pe',
  'qua',
  'ri',
  'sto',
  'ter',
  'vel',
];

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator with the constants of glibc). */
const numbers = (): (() => number) => {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
};

/**
 * Endless texts of about 90 words: sentences of XQuAD's English paragraphs in chance order, with a vocabulary that goes
 * on growing as that of real texts does, since rare words are exchanged for made-up ones.
 */
export const makeTexts = (data: string): { next(): string } => {
  const chance = numbers();
  const sentences = readXquad(data, 'en').paragraphs.flatMap(({ text }) => text.split(/(?<=[.?!]) +(?=[A-Z])/));
  const counts = new Map<string, number>();
  for (const word of sentences.flatMap((sentence) => sentence.match(/\p{L}+/gu) ?? [])) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const madeUp = (): string =>
    Array.from({ length: 4 }, () => syllables[Math.floor(chance() * syllables.length)] ?? '').join('');
  const rewrite = (sentence: string): string =>
    sentence.replace(/\p{L}+/gu, (word) => (counts.get(word) === 1 && chance() > keptShare ? madeUp() : word));
  return {
    next: () =>
      Array.from({ length: sentencesOfText }, () =>
        rewrite(sentences[Math.floor(chance() * sentences.length)] ?? ''),
      ).join(' '),
  };
};
