const minCharacters = 32;
const minDistinctCharacters = 10;

/** Words of examples, templates and first tries. A random secret of 32 characters has none of them. */
const knownWords =
  /change.?me|secret|password|passwort|example|default|insecure|placeholder|replace|your.?key|parley|test.?test|qwerty/i;

/** Whether the text is a shorter one over and over. */
const repeats = (text: string): boolean => `${text}${text}`.indexOf(text, 1) <= text.length / 2;

/** Whether most characters follow from the one before, as in `abcdef` or `98765`. */
const counts = (text: string): boolean => {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).filter((code, at) => Math.abs(code - (codes[at] ?? 0)) === 1);
  return steps.length > text.length / 2;
};

/** Why this must not be a master secret, as the end of a sentence; null where nothing speaks against it. */
export const weaknessOf = (secret: string): string | null => {
  if (secret.length < minCharacters) return `is too short: it must have at least ${minCharacters} characters`;
  if (knownWords.test(secret)) return 'holds a word that everybody tries first';
  if (new Set(secret).size < minDistinctCharacters || repeats(secret) || counts(secret)) return 'is too easy to guess';
  return null;
};
