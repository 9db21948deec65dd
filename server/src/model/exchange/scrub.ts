import { MAX_ERROR_TEXT_CHARS, MAX_SCRUBBED_CHARS } from './limits.ts';

/** Of a credential that is not ours; the longest, signed tokens, are told by their beginning. */
const maxForeignCharacters = 256;
/** What looks like a credential, also a foreign one or one that the provider has partly starred out. */
const credentials = /\b(?:bearer\s+\S+|(?:sk|pk|gsk|xai|key)[-_](?=\S{0,256}[\d*])[\w*.-]{6,}|AIza[\w*-]{10,})/gi;

/**
 * A provider's text as it may go into the operator's log: without the key, on one line, cut to
 * `MAX_ERROR_TEXT_CHARS`.
 */
export const scrub = (text: string, key: string | null): string => {
  const forms = key === null || key === '' ? [] : formsOf(key);
  let clean = text.slice(0, MAX_SCRUBBED_CHARS);
  for (const form of forms) clean = clean.replaceAll(form, '[key]');
  clean = clean.replace(credentials, '[key]');
  // what stands at the cut may be the beginning of a key, which nothing above knows
  if (text.length > MAX_SCRUBBED_CHARS) {
    clean = clean.slice(0, -Math.max(maxForeignCharacters, ...forms.map((form) => form.length)));
  }
  clean = clean.replace(/[\s\p{Cc}]+/gu, ' ');
  clean = clean.trim().toWellFormed();
  return clean.length <= MAX_ERROR_TEXT_CHARS ? clean : `${clean.slice(0, MAX_ERROR_TEXT_CHARS - 1).toWellFormed()}…`;
};

/** As it is, in an address, and in JSON. */
const formsOf = (key: string): string[] => [
  ...new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)]),
];
