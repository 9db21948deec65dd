import { courtesyPhrases, type CourtesyPhrases } from './courtesy-phrases.ts';
import { languageNamed } from './languages.ts';
import { endsOf, firstWords, lastWords, type PhrasePattern, readPattern } from './phrase-pattern.ts';
import { type SaidWord, saidWords } from './said-words.ts';

export type CourtesyKind = Exclude<keyof CourtesyPhrases, 'language'>;

/** What a phrase may be: the same is said in several languages, and "ciao" for two ends. */
export type Courtesy = { language: string; kind: CourtesyKind };

export type ReadCourtesies = {
  /** What is said beside the courtesies at the beginning and the end; empty where a message is nothing else. */
  rest: string;
  /** In their order. */
  phrases: readonly (readonly Courtesy[])[];
};

/** In a longer message a courtesy weighs nothing anyway. */
const maxCharacters = 600;
/** Words that say what somebody is thanked for. */
const maxThankedFor = 6;
/** The longest phrases have fewer words; in Thai, characters. */
const maxPhraseWords = 40;

const kinds: readonly CourtesyKind[] = ['greetings', 'goodbyes', 'thanks', 'answers', 'openings', 'please'];
/** What may come before anything. */
const leading = new Set<CourtesyKind>(['greetings', 'openings']);
/** What ends a message. */
const ending = new Set<CourtesyKind>(['thanks', 'goodbyes', 'please']);

type Known = Courtesy & { pattern: PhrasePattern };

const phrasesOf = (of: CourtesyPhrases): Known[] =>
  kinds.flatMap((kind) =>
    of[kind].split('/').map((written) => ({ language: of.language, kind, pattern: readPattern(written.trim()) })),
  );

type KnownPhrases = {
  /** By the words that they may begin with. */
  beginningWith: ReadonlyMap<string, readonly Known[]>;
  /** The words with which those may end that end a message, but for those that go on. */
  lastWords: ReadonlySet<string>;
  /** The words with which those may begin that end a message and go on. */
  goingOn: ReadonlySet<string>;
};

const readPhrases = (): KnownPhrases => {
  const all = courtesyPhrases.flatMap(phrasesOf);
  const byWord = all.flatMap((known) => [...new Set(firstWords(known.pattern))].map((word) => ({ word, known })));
  const ends = all.filter(({ kind }) => ending.has(kind));
  return {
    beginningWith: new Map(
      Array.from(
        Map.groupBy(byWord, ({ word }) => word),
        ([word, list]) => [word, list.map(({ known }) => known)],
      ),
    ),
    lastWords: new Set(ends.flatMap(({ pattern }) => lastWords(pattern))),
    goingOn: new Set(ends.flatMap(({ pattern }) => (pattern.goesOn ? firstWords(pattern) : []))),
  };
};

/** Made once, at the first message: some 100 ms. */
let readOnce: KnownPhrases | null = null;
const knownPhrases = (): KnownPhrases => (readOnce ??= readPhrases());

/**
 * Takes a message apart into what somebody says out of courtesy, at its beginning and its end, and the rest. Words that are
 * what a message is about ("When does the morning shift begin?") are none.
 */
export const readCourtesies = (message: string): ReadCourtesies => {
  if (message.length > maxCharacters) return { rest: message, phrases: [] };
  const said = saidWords(message);
  const phrasesFrom = once((from: number) => phrasesAt(said, from));
  const first = beginningReader(said, phrasesFrom)(0);
  const last = endReader(said, { phrasesFrom, first: first.place })(said.length);
  const found = [...first.phrases, ...last.phrases];
  if (found.length === 0) return { rest: message, phrases: found };
  if (first.place >= last.place) return { rest: '', phrases: found };
  const begin = first.place === 0 ? 0 : said[first.place]?.start;
  return { rest: message.slice(begin, said[last.place]?.start).trim(), phrases: found };
};

/** A message without its courtesies; as it is where it has nothing else to say. */
export const withoutCourtesies = (message: string): string => readCourtesies(message).rest || message;

export const isOnlyCourtesy = (message: string): boolean => {
  const { rest, phrases } = readCourtesies(message);
  return rest === '' && phrases.length > 0;
};

/** Phrases one behind the other, and the place behind (before, at the end) them all. */
type Row = { place: number; phrases: readonly (readonly Courtesy[])[] };

/** A phrase may be read in several ways; what follows a place is found out once. */
const once = <Found>(find: (place: number) => Found): ((place: number) => Found) => {
  const found = new Map<number, Found>();
  return (place) => {
    const before = found.get(place);
    if (before !== undefined) return before;
    const now = find(place);
    found.set(place, now);
    return now;
  };
};

type PhrasesFrom = (from: number) => readonly PlacedPhrases[];

const beginningReader = (said: readonly SaidWord[], phrasesFrom: PhrasesFrom): ((from: number) => Row) => {
  const read = once((from: number): Row => {
    for (const { place, known } of phrasesFrom(from)) {
      const next = said[place];
      if (next?.beginsWord === false) continue;
      const behind = read(place);
      const counted = known.filter(({ kind, language, pattern }) => {
        if (!next || next.afterPause || behind.phrases.length > 0) return true;
        if (pattern.pauses) return false;
        return leading.has(kind) || languageNamed(language).stopWords.has(next.text);
      });
      if (counted.length > 0) return { place: behind.place, phrases: [counted, ...behind.phrases] };
    }
    return { place: from, phrases: [] };
  });
  return read;
};

const endReader = (
  said: readonly SaidWord[],
  { phrasesFrom, first }: { phrasesFrom: PhrasesFrom; first: number },
): ((to: number) => Row) => {
  const { lastWords: endings, goingOn } = knownPhrases();
  const goesOn = said.some(({ text }) => goingOn.has(text));
  const read = once((to: number): Row => {
    // most messages end with none, which one look tells; what is thanked for may end with anything
    if (!goesOn && !endings.has(said[to - 1]?.text ?? '')) return { place: to, phrases: [] };
    for (let at = Math.max(first, to - maxPhraseWords); at < to; at++) {
      const word = said[at];
      if (!word?.beginsWord) continue;
      const { known = [] } = phrasesFrom(at).find(({ place }) => place === to) ?? {};
      const ends = known.filter(({ kind }) => ending.has(kind));
      if (ends.length === 0) continue;
      const before = read(at);
      const counted = ends.filter(({ kind }) => kind === 'please' || word.afterPause || before.phrases.length > 0);
      if (counted.length > 0) return { place: before.place, phrases: [...before.phrases, counted] };
    }
    return { place: to, phrases: [] };
  });
  return read;
};

type PlacedPhrases = { place: number; known: readonly Known[] };

/** The phrases that stand at a place, by the places behind them, the longest first. */
const phrasesAt = (said: readonly SaidWord[], from: number): PlacedPhrases[] => {
  const found = new Map<number, Known[]>();
  for (const known of knownPhrases().beginningWith.get(said[from]?.text ?? '') ?? []) {
    for (const end of endsOf(known.pattern, said, from)) {
      const place = known.pattern.goesOn ? pauseBehind(said, end) : end;
      found.set(place, [...(found.get(place) ?? []), known]);
    }
  }
  return Array.from(found, ([place, known]) => ({ place, known })).toSorted((one, other) => other.place - one.place);
};

/** The next pause behind a place; the place itself where it is too far away. */
const pauseBehind = (said: readonly SaidWord[], from: number): number => {
  const pauseAt = said.findIndex(({ afterPause }, at) => at > from && afterPause);
  const place = pauseAt === -1 ? said.length : pauseAt;
  return place - from <= maxThankedFor ? place : from;
};
