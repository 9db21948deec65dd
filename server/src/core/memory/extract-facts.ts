import { normalForm } from '../knowledge/normal-form.ts';
import { splitSentences } from '../knowledge/split-sentences.ts';
import {
  afterName,
  denial,
  emailCues,
  hanNameCues,
  hanNoNames,
  languageCues,
  nameCues,
  namingLanguages,
  noNames,
  notMine,
  phoneCues,
  spokenLanguages,
} from './fact-cues.ts';
import { isSecret } from './verify-fact.ts';

/** What is read of a message: people introduce themselves at once. */
const maxCharacters = 2_000;

export type PlainFact = { name: string; value: string; confidence: number };

/** Of a name; the longest of passports are shorter. */
const maxNameCharacters = 80;
/** A cue and what stands in the message word for word are all there is, and nearly always right. */
const confidence = 0.9;

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const cuePattern = new RegExp(`(?<=^|[^\\p{L}\\p{N}])(?:${nameCues.map(escaped).join('|')})\\s+`, 'giu');
const hanCuePattern = new RegExp(`(?:${hanNameCues.map(escaped).join('|')})\\s*`, 'gu');
/** One to four words that begin with a capital, with the small words that stand inside names. */
const namePattern =
  /^\p{Lu}[\p{L}\p{M}'’.-]*(?:\s+(?:(?:van|von|de|da|del|della|di|der|la|le|bin|al|el)\s+){0,2}\p{Lu}[\p{L}\p{M}'’-]*){0,3}/u;
const hanNamePattern = /^[\p{Script=Han}\p{Script=Katakana}·]{2,8}(?=$|[，。！？,.!?、\s]|です)/u;
const nameEnd = new RegExp(`^\\s*(?:$|[,;.!)\\n–—-]|(?:${afterName.map(escaped).join('|')})(?:[^\\p{L}]|$))`, 'iu');
/** Letters of scripts with spaces must not touch it; in Chinese nothing stands between. */
const emailPattern =
  /(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z]{2,24}(?![a-z0-9@])/giu;
const phonePattern = /(?<![a-zа-я0-9.,/#-])\+?\(?(?:\d[\s().-]{0,2}){6,14}\d(?![\s().-]{0,2}\d)(?![a-zа-я@])/giu;

const anyCue = new RegExp(
  [cuePattern, hanCuePattern, languageCues, /@|\+?\d[\d\s().-]{5,}\d/].map(({ source }) => `(?:${source})`).join('|'),
  'iu',
);

/** False where `extractFacts` finds nothing for sure: a look of a few microseconds, for a turn's path. */
export const mayHoldFacts = (message: string): boolean => anyCue.test(message.slice(0, maxCharacters));

/**
 * What a message plainly says of its writer: name, e-mail, phone, language. Rather nothing than something wrong: a cue
 * must stand before it, it must look like what it is to be, and what follows must let it end there.
 */
export const extractFacts = (message: string): PlainFact[] => {
  const facts = new Map<string, PlainFact>();
  for (const { text } of splitSentences(normalForm(message.slice(0, maxCharacters), 'NFC'))) {
    const found = {
      name: findName(text),
      email: findEmail(text),
      phone: findPhone(text),
      language: findLanguage(text),
    };
    for (const [name, value] of Object.entries(found)) {
      if (value !== null && !isSecret(name, value)) facts.set(name, { name, value, confidence });
    }
  }
  return [...facts.values()];
};

const findName = (sentence: string): string | null => {
  for (const cue of sentence.matchAll(cuePattern)) {
    const before = sentence.slice(0, cue.index);
    const rest = sentence.slice(cue.index + cue[0].length);
    const name = namePattern.exec(rest)?.[0].replace(/[.'’-]+$/u, '');
    if (
      !name ||
      name.length > maxNameCharacters ||
      notMine.test(before) ||
      noNames.has(name.split(/\s/)[0]!.toLowerCase())
    )
      continue;
    if (nameEnd.test(rest.slice(name.length))) return name;
  }
  for (const cue of sentence.matchAll(hanCuePattern)) {
    const rest = sentence.slice(cue.index + cue[0].length);
    const name = hanNamePattern.exec(rest)?.[0];
    if (name && !hanNoNames.test(name) && !notMine.test(sentence.slice(0, cue.index)))
      return name.replace(/です$/u, '');
  }
  return null;
};

const findEmail = (sentence: string): string | null => findOwn(sentence, emailPattern, emailCues);

const findPhone = (sentence: string): string | null => {
  const phone = findOwn(sentence, phonePattern, phoneCues);
  const digits = phone?.replaceAll(/\D/g, '').length ?? 0;
  // E.164: at most 15; fewer than 7 is an order, a year or a price
  return digits >= 7 && digits <= 15 ? phone : null;
};

/** The only one of its kind in the sentence, with a cue before it or nothing beside it. */
const findOwn = (sentence: string, pattern: RegExp, cues: RegExp): string | null => {
  const [match, ...others] = sentence.matchAll(pattern);
  if (!match || others.length > 0) return null;
  const before = sentence.slice(0, match.index);
  if (denial.test(before) || notMine.test(before)) return null;
  const cue = cues.exec(before);
  const beside = sentence.replace(match[0], ' ').match(/[\p{L}\p{N}]+/gu) ?? [];
  const isAnswer = beside.length === 0 && /^\+|@/.test(match[0]);
  return cue !== null || isAnswer ? match[0].trim() : null;
};

let languageNames: RegExp | null = null;

/** What languages are called in several languages, as one pattern; made when it is first needed. */
const languagePattern = (): RegExp => {
  languageNames ??= new RegExp(
    `^(?:${[
      ...new Set(
        namingLanguages.flatMap((locale) => {
          const names = new Intl.DisplayNames([locale], { type: 'language' });
          return spokenLanguages.flatMap((code) => {
            const name = names.of(code) ?? code;
            // Russian speaks по-русски
            return name.endsWith('ский') ? [name, `${name.slice(0, -2)}и`] : [name];
          });
        }),
      ),
    ]
      .map(escaped)
      .toSorted((one, other) => other.length - one.length)
      .join('|')})(?![\\p{L}])`,
    'iu',
  );
  return languageNames;
};

const findLanguage = (sentence: string): string | null => {
  for (const cue of sentence.matchAll(languageCues)) {
    if (denial.test(sentence.slice(0, cue.index)) || notMine.test(sentence.slice(0, cue.index))) continue;
    const language = languagePattern().exec(sentence.slice(cue.index + cue[0].length))?.[0];
    if (language) return language;
  }
  return null;
};
