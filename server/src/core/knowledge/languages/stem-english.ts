/**
 * A suffix stemmer for English after the rules of M. F. Porter, "An algorithm for suffix stripping" (Program 14(3),
 * 1980), with a list of irregular forms before it. It joins the forms of a word; the result need not be a word.
 */

const irregularForms = `began begun begin|became become|bought buy|brought bring|built build|caught catch|chose chosen choose|
came come|cost|did done do|drew drawn draw|drove driven drive|ate eaten eat|fell fallen fall|felt feel|fought fight|
found find|flew flown fly|forgot forgotten forget|gave given give|went gone go|grew grown grow|held hold|heard hear|
kept keep|knew known know|led lead|left leave|lent lend|lost lose|made make|meant mean|met meet|paid pay|ran run|
rose risen rise|said say|saw seen see|sold sell|sent send|shook shaken shake|shot shoot|showed shown show|sang sung sing|
sat sit|slept sleep|spoke spoken speak|spent spend|stood stand|stole stolen steal|swam swum swim|took taken take|
taught teach|thought think|told tell|threw thrown throw|understood understand|woke woken wake|wore worn wear|won win|
wrote written write|children child|men man|women woman|people person|feet foot|teeth tooth|mice mouse|better best good|
worse worst bad|died dying death dead die|born birth|news`;

const irregular: ReadonlyMap<string, string> = new Map(
  irregularForms
    .split('|')
    .map((group) => group.trim().split(/\s+/))
    .flatMap((forms) => forms.map((form) => [form, forms.at(-1) ?? form] as const)),
);

const isVowel = (stem: string, at: number): boolean => {
  const letter = stem[at] ?? '';
  return 'aeiou'.includes(letter) || (letter === 'y' && at > 0 && !isVowel(stem, at - 1));
};

const hasVowel = (stem: string): boolean => {
  for (let at = 0; at < stem.length; at++) if (isVowel(stem, at)) return true;
  return false;
};

/** Porter's measure: how often consonants follow vowels, which is about the number of syllables. */
const measure = (stem: string): number => {
  let changes = 0;
  let afterVowel = false;
  for (let at = 0; at < stem.length; at++) {
    const vowel = isVowel(stem, at);
    if (afterVowel && !vowel) changes++;
    afterVowel = vowel;
  }
  return changes;
};

const endsInShortSyllable = (stem: string): boolean => /(?:^|[^aeiou])[aeiouy][^aeiouwxy]$/.test(stem);

/** Suffixes that are exchanged where at least one syllable stands before them, longest first. */
const exchanges: readonly (readonly [suffix: string, replacement: string])[] = [
  ['ational', 'ate'],
  ['ization', 'ize'],
  ['isation', 'ize'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['iveness', 'ive'],
  ['tional', 'tion'],
  ['biliti', 'ble'],
  ['entli', 'ent'],
  ['ousli', 'ous'],
  ['ation', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['ator', 'ate'],
  ['alli', 'al'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['iser', 'ize'],
  ['abli', 'able'],
  ['icate', 'ic'],
  ['iciti', 'ic'],
  ['alize', 'al'],
  ['alise', 'al'],
  ['ative', ''],
  ['ical', 'ic'],
  ['ness', ''],
  ['ful', ''],
  ['ise', 'ize'],
  ['eli', 'e'],
  ['li', ''],
];

/** Suffixes that fall where at least two syllables stand before them, longest first. */
const endings: readonly string[] = [
  'ement',
  'ance',
  'ence',
  'able',
  'ible',
  'ment',
  'ant',
  'ent',
  'ism',
  'ate',
  'iti',
  'ous',
  'ive',
  'ize',
  'ist',
  'ion',
  'al',
  'er',
  'or',
  'ic',
  'ou',
];

const withoutPlural = (word: string): string => {
  if (word.endsWith('sses') || word.endsWith('xes') || word.endsWith('ches') || word.endsWith('shes'))
    return word.slice(0, -2);
  if (word.endsWith('ies')) return word.length > 4 ? `${word.slice(0, -3)}y` : word.slice(0, -1);
  return /[^su]s$/.test(word) && !word.endsWith('is') ? word.slice(0, -1) : word;
};

const withoutVerbEnding = (word: string): string => {
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const ending = /(?:ed|ing|edly|ingly)$/.exec(word)?.[0];
  if (!ending) return word;
  const stem = word.slice(0, -ending.length);
  if (!hasVowel(stem) || stem.length < 2) return word;
  if (/(?:at|bl|iz|is)$/.test(stem)) return `${stem}e`;
  if (/([^aeioulsz])\1$/.test(stem)) return stem.slice(0, -1);
  return measure(stem) === 1 && endsInShortSyllable(stem) ? `${stem}e` : stem;
};

const exchangeSuffix = (word: string): string => {
  for (const [suffix, replacement] of exchanges) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, -suffix.length);
    return measure(stem) > 0 ? stem + replacement : word;
  }
  return word;
};

const dropEnding = (word: string): string => {
  for (const ending of endings) {
    if (!word.endsWith(ending)) continue;
    const stem = word.slice(0, -ending.length);
    return measure(stem) > 1 && (ending !== 'ion' || /[st]$/.test(stem)) ? stem : word;
  }
  return word;
};

const withoutFinalE = (word: string): string => {
  if (!word.endsWith('e')) return word;
  const stem = word.slice(0, -1);
  const syllables = measure(stem);
  return syllables > 1 || (syllables === 1 && !endsInShortSyllable(stem)) ? stem : word;
};

/** The stem of a folded English word. */
export const stemEnglish = (word: string): string => {
  const base = irregular.get(word);
  if (base) return base;
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  const verb = withoutVerbEnding(withoutPlural(word));
  const known = irregular.get(verb);
  if (known) return known;
  const withI = /[^aeiou]y$/.test(verb) && verb.length > 3 ? `${verb.slice(0, -1)}i` : verb;
  const stem = withoutFinalE(dropEnding(exchangeSuffix(exchangeSuffix(withI))));
  return stem.endsWith('ll') && measure(stem) > 1 ? stem.slice(0, -1) : stem;
};
