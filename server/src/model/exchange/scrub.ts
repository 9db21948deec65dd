import { MAX_ERROR_TEXT_CHARS } from './limits.ts';

/** What looks like a credential, also a foreign one or one that the provider has partly starred out. */
const credentials = /\b(?:bearer\s+\S+|(?:sk|pk|gsk|xai|key)[-_](?=\S*[\d*])[\w*.-]{6,}|AIza[\w*-]{10,})/gi;

/**
 * A provider's text as it may go into the operator's log: without the key, on one line, cut to
 * `MAX_ERROR_TEXT_CHARS`.
 */
export const scrub = (text: string, key: string | null): string => {
  let clean = text;
  if (key !== null && key !== '') {
    for (const form of new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])) {
      clean = clean.replaceAll(form, '[key]');
    }
  }
  clean = clean.replace(credentials, '[key]').replace(/[\s\p{Cc}]+/gu, ' ');
  clean = clean.trim().toWellFormed();
  return clean.length <= MAX_ERROR_TEXT_CHARS ? clean : `${clean.slice(0, MAX_ERROR_TEXT_CHARS - 1).toWellFormed()}…`;
};
