import { normalForm } from '../knowledge/normal-form.ts';
import { foldText } from '../knowledge/fold-text.ts';

/** A character of scripts that are written without spaces: a word of them is any part of a run. */
const withoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Runs of those scripts, and words of all others. */
const wordPattern = new RegExp(`${withoutSpaces.source}+|[[\\p{L}\\p{M}\\p{N}]--${withoutSpaces.source}]+`, 'gv');

const wordsOf = (text: string): string => (foldText(text).match(wordPattern) ?? []).join(' ');

/**
 * True where the words of a value stand in the message, one behind the other: what stands nowhere was invented. Case,
 * accents and punctuation do not matter.
 */
export const standsIn = (value: string, message: string): boolean => {
  const words = wordsOf(value);
  if (words === '') return false;
  const text = wordsOf(message);
  return withoutSpaces.test(value) ? text.includes(words) : ` ${text} `.includes(` ${words} `);
};

const secretName =
  /pass(word|wort|code|phrase)|contrase|mot_?de_?passe|парол|密码|(^|_)(pin|cvv|cvc|iban|ssn|otp|token|secret)(_|$)|api_?key|card_?number/u;
/** Digits as people write long numbers, in groups; behind that of a card there may be its date. */
const longNumber = /\d(?:[\s.,·_/\p{Pd}]*\d){12,}/gu;
/** ISO/IEC 7812-1 knows up to 19, and no card has fewer than 13. */
const minCardDigits = 13;
const maxCardDigits = 19;

/** True for what is nobody's to keep: secrets by their name, and numbers of payment cards. */
export const isSecret = (name: string, value: string): boolean => {
  if (secretName.test(name)) return true;
  const numbers = normalForm(value, 'NFKC').match(longNumber) ?? [];
  return numbers.some((number) => holdsCard(number.match(/\d+/g) ?? []));
};

/** True where groups of digits that stand together are the number of a card. */
const holdsCard = (groups: readonly string[]): boolean =>
  groups.some((_group, from) => {
    let digits = '';
    for (const group of groups.slice(from)) {
      digits += group;
      if (digits.length > maxCardDigits) return false;
      if (digits.length >= minCardDigits && passesLuhn(digits)) return true;
    }
    return false;
  });

/** ISO/IEC 7812-1: every number of a payment card does. */
const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (const [at, digit] of digits.split('').toReversed().entries()) {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
};
