import type { LanguageAnalyser } from '../knowledge/language-analyser.ts';
import { languageNamed } from '../knowledge/languages.ts';
import { splitWords, type Word } from '../knowledge/split-words.ts';
import { placelessTerms } from '../knowledge/word-terms.ts';
import type { RecallSource } from './recall-message.ts';
import { decodeSegment, encodeSegment, type PackedMessage } from './segment-codec.ts';
import { addressedNames, addressTerm } from './addressed-names.ts';
import { tellLanguage } from './tell-language.ts';
import { termHash } from './term-hash.ts';

/** Of a longer message the rest is not searched. */
const maxAnalysedCharacters = 4_000;

/** What tells the language of a conversation whose messages are too short to tell theirs. */
const sampleCharacters = 4_000;
/** A message of fewer characters is taken to be in the language of those around it. */
const tellingCharacters = 80;

const asking = /[?？؟\u037e]\s*$/u;

/** What the index keeps of messages, in their order; notices are left out. */
export const packMessages = (messages: readonly RecallSource[]): PackedMessage[] => packBehind(messages, null).packed;

/**
 * The same for messages that come behind others of their conversation: `before` is the language of those, where it is
 * known. Gives that of these for the next. All messages together are read for it only where one does not tell its own.
 */
export const packBehind = (
  messages: readonly RecallSource[],
  before: LanguageAnalyser | null,
): { packed: PackedMessage[]; language: LanguageAnalyser | null } => {
  let language = before;
  let around: LanguageAnalyser | null = null;
  const languageOf = (text: string, words: readonly Word[]): LanguageAnalyser => {
    const own = text.length < tellingCharacters ? null : tellLanguage(words);
    if (own) return (language = own);
    if (!around) {
      language = languageAround(messages) ?? before;
      around = language ?? languageNamed('en');
    }
    return around;
  };
  const packed = messages.flatMap(({ seq, role, text, tokens, createdAt }) => {
    if (role === 'system') return [];
    const terms = new Map<number, number>();
    let length = 0;
    const words = splitWords(text.slice(0, maxAnalysedCharacters));
    const spoken = languageOf(text, words);
    for (const word of words) {
      for (const { term, stop } of placelessTerms(word, spoken)) {
        if (stop) continue;
        const hash = termHash(term);
        terms.set(hash, (terms.get(hash) ?? 0) + 1);
        length += 1;
      }
    }
    for (const name of addressedNames(text)) terms.set(addressTerm(name), 1);
    return [{ message: { seq, role, tokens, length, asks: asking.test(text), createdAt }, terms }];
  });
  return { packed, language };
};

/** The language of messages together; null where they do not tell it. */
const languageAround = (messages: readonly RecallSource[]): LanguageAnalyser | null => {
  let sample = '';
  for (const { text } of messages) {
    sample += `${text.slice(0, maxAnalysedCharacters)}\n`;
    if (sample.length >= sampleCharacters) break;
  }
  return tellLanguage(splitWords(sample));
};

/** The messages of a packed segment as they were packed. */
export const unpackSegment = (bytes: Uint8Array): PackedMessage[] => {
  const segment = decodeSegment(bytes);
  const { messages } = segment;
  const terms = messages.map(() => new Map<number, number>());
  for (const [term, places] of segment.entries()) {
    for (const [index, count] of places) terms[index]?.set(term, count);
  }
  return messages.map((message, index) => ({ message, terms: terms[index] ?? new Map() }));
};

/** The segment without the messages before a place; null where none is left. */
export const trimSegment = (bytes: Uint8Array, firstSeq: number): Uint8Array | null => {
  const left = unpackSegment(bytes).filter(({ message }) => message.seq >= firstSeq);
  return left.length === 0 ? null : encodeSegment(left);
};
