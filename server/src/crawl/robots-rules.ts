/** What robots.txt (RFC 9309) says to one reader. */
export type RobotsRules = {
  allows(url: string): boolean;
  /** `Crawl-delay`, which the standard does not have and many write; null where there is none. */
  delayMs: number | null;
};

/** The least that RFC 9309 wants to be read (2.5). */
export const maxRobotsBytes = 512_000;
/** Rules that are kept for us; a longer list is for others, or a trap. */
const maxRules = 2_000;
/** Longer than any path that is worth a rule. */
const maxPatternCharacters = 512;
/** Each one may have to be tried at every place of a path. */
const maxWildcards = 16;

type Rule = { allow: boolean; pattern: string };
type Group = { rules: Rule[]; delayMs: number | null };

export const everythingAllowed: RobotsRules = { allows: () => true, delayMs: null };

/**
 * The rules of the groups that name `agent` (a product token, in lower case), or else of those for everybody. The longest
 * matching pattern decides, and of two as long the one that allows.
 */
export const parseRobots = (text: string, agent: string): RobotsRules => {
  const { named, general } = collectGroups(text, agent);
  const group = named ?? general;
  if (!group) return everythingAllowed;
  const rules = group.rules.toSorted(
    (one, other) => other.pattern.length - one.pattern.length || Number(other.allow) - Number(one.allow),
  );
  return {
    allows(url) {
      const { pathname, search } = new URL(url);
      const path = decodeSpelling(pathname + search);
      if (path === '/robots.txt') return true;
      return rules.find(({ pattern }) => matches(pattern, path))?.allow ?? true;
    },
    delayMs: group.delayMs,
  };
};

const collectGroups = (text: string, agent: string): { named: Group | null; general: Group | null } => {
  const groups: { named: Group | null; general: Group | null } = { named: null, general: null };
  let open: ('named' | 'general')[] = [];
  let readsAgents = false;
  let kept = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(':');
    const hash = line.indexOf('#');
    if (colon < 0 || (hash >= 0 && hash < colon)) continue;
    const field = line.slice(0, colon).trim().toLowerCase();
    const value = (hash < 0 ? line.slice(colon + 1) : line.slice(colon + 1, hash)).trim();
    if (field === 'user-agent') {
      if (!readsAgents) open = [];
      readsAgents = true;
      const name = value.toLowerCase();
      const kind = name === '*' ? 'general' : productOf(name) === agent ? 'named' : null;
      if (kind) {
        groups[kind] ??= { rules: [], delayMs: null };
        open.push(kind);
      }
      continue;
    }
    if (field !== 'allow' && field !== 'disallow' && field !== 'crawl-delay') continue;
    readsAgents = false;
    for (const kind of open) {
      const group = groups[kind];
      if (!group) continue;
      if (field === 'crawl-delay') group.delayMs = delayOf(value) ?? group.delayMs;
      else if (value !== '' && kept < maxRules) {
        kept += 1;
        group.rules.push({ allow: field === 'allow', pattern: tidyPattern(value) });
      }
    }
  }
  return groups;
};

/** `parleybot/1.0` is `parleybot`. */
const productOf = (name: string): string => /^[a-z_-]+/.exec(name)?.[0] ?? '';

const delayOf = (value: string): number | null => {
  const seconds = Number(value);
  return value !== '' && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
};

const tidyPattern = (value: string): string => {
  const parts = decodeSpelling(value.slice(0, maxPatternCharacters)).split(/\*+/);
  if (parts.length <= maxWildcards + 1) return parts.join('*');
  // what is cut off can only make a rule fit more
  return `${parts.slice(0, maxWildcards).join('*')}*`;
};

/** One spelling for what may be percent-encoded or not: `%7E` is `~`, and `%2F` stays (RFC 9309, 2.2.2). */
const decodeSpelling = (path: string): string =>
  path
    .replace(/[^\0-\x7f]+/g, (text) => encodeURIComponent(text.toWellFormed()))
    .replace(/%[0-9a-f]{2}/gi, (code) => {
      const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return /[A-Za-z0-9~._-]/.test(character) ? character : code.toUpperCase();
    });

/** `*` stands for any characters, `$` at the end for the end; without it the beginning has to fit. */
const matches = (pattern: string, path: string): boolean => {
  const isWhole = pattern.endsWith('$');
  const [first = '', ...rest] = (isWhole ? pattern.slice(0, -1) : pattern).split('*');
  if (!path.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    if (isWhole && index === rest.length - 1) return path.length - part.length >= at && path.endsWith(part);
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return !isWhole || at === path.length;
};
