import { foldText } from '../knowledge/fold-text.ts';

/** From a moment on and before another. */
export type TimeRange = { from: number; before: number };

const dayMs = 86_400_000;
/** People tell of a day when it is over, or as it comes near. */
const toldBeforeMs = 2 * dayMs;
const toldAfterMs = 9 * dayMs;

/** Languages whose names of months are known. */
const monthLanguages = ['en', 'de', 'es', 'fr', 'it', 'pt', 'nl'];

const monthsByName = new Map<string, number>();
for (const language of monthLanguages) {
  const names = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' });
  for (let month = 0; month < 12; month++) {
    monthsByName.set(foldText(names.format(Date.UTC(2001, month, 1))), month);
  }
}

/** Words that are names of months and more often something else: they need a number beside them. */
const ambiguousMonths = new Set(['may', 'march', 'mars', 'mai']);

/** Days ago at which a span begins, and how many days it lasts. */
const relative: readonly (readonly [words: RegExp, daysAgo: number, days: number])[] = [
  [/\b(yesterday|gestern|ayer|hier)\b/, 1, 1],
  [/\b(last|past|letzte[nr]?|vergangene[nr]?) (week|woche)\b|\bsemana pasada\b|\bsemaine derniere\b/, 14, 14],
  [/\b(last|past|letzte[nr]?|vergangene[nr]?) (month|monat)\b|\bmes pasado\b|\bmois dernier\b/, 62, 62],
  [/\b(last|past|letztes|vergangenes) (year|jahr)\b|\bano pasado\b|\bannee derniere\b/, 730, 730],
];

/** Between two words that belong together; without a bound a message of one word would be read once for each. */
const between = '.{0,200}';
const either = (day: string, past: string): RegExp =>
  new RegExp(String.raw`\b${day}\b${between}\b(?:${past})\b|\b(?:${past})\b${between}\b${day}\b`);

/** Of today's messages only who speaks of what was: most speak of today to say when something is to be done. */
const today = [
  either('today', 'did|was|were|had|said|told|asked|earlier'),
  either('heute', 'war|hatte|habe|haben|gesagt|gefragt'),
  either('hoy', 'dije|dijo|pregunte|era|fue'),
];

/**
 * The days that a question speaks of ("in May", "on 3 March 2026", "2026-03-03", "last week"), with the days around them
 * in which people speak of such a day; null where it names none. A month without a year is the last one there was.
 */
export const readTimeRange = (text: string, now: number): TimeRange | null => {
  const folded = foldText(text);
  const iso = /\b(\d{4})-(\d{2})-(\d{2})\b/.exec(folded);
  if (iso) return around(Date.UTC(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3])), dayMs);
  const named = readMonth(folded, now);
  if (named) return named;
  for (const [words, daysAgo, days] of relative) {
    if (!words.test(folded)) continue;
    return daysFrom(Math.floor(now / dayMs - daysAgo), days);
  }
  return today.some((words) => words.test(folded)) ? daysFrom(Math.floor(now / dayMs), 1) : null;
};

const daysFrom = (day: number, days: number): TimeRange => ({ from: day * dayMs, before: (day + days + 1) * dayMs });

const readMonth = (folded: string, now: number): TimeRange | null => {
  const words = folded.match(/\p{L}+|\d+/gu) ?? [];
  for (const [at, word] of words.entries()) {
    const month = monthsByName.get(word);
    if (month === undefined) continue;
    const near = [...words.slice(Math.max(0, at - 2), at), ...words.slice(at + 1, at + 4)].filter((part) =>
      /^\d+$/.test(part),
    );
    if (ambiguousMonths.has(word) && near.length === 0 && words[at - 1] !== 'in' && words[at - 1] !== 'im') continue;
    const year = near.map(Number).find((number) => number >= 1970 && number < 2200) ?? lastYearOf(month, now);
    const day = near.map(Number).find((number) => number >= 1 && number <= 31);
    if (day !== undefined) return around(Date.UTC(year, month, day), dayMs);
    return around(Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1) - Date.UTC(year, month, 1));
  }
  return null;
};

const around = (from: number, durationMs: number): TimeRange => ({
  from: from - toldBeforeMs,
  before: from + durationMs + toldAfterMs,
});

const lastYearOf = (month: number, now: number): number => {
  const date = new Date(now);
  return date.getUTCMonth() >= month ? date.getUTCFullYear() : date.getUTCFullYear() - 1;
};
