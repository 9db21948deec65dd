import { setImmediate } from 'node:timers/promises';
import { estimateTokens } from '../../kit/token-estimate.ts';
import { analyseText, languageOf } from './analyse-text.ts';
import { chunkId } from './chunk-id.ts';
import type { Passage } from './chunk-text.ts';
import type { IndexRow, KnowledgeSize } from './knowledge-store.ts';
import type { LanguageAnalyser } from './language-analyser.ts';
import { positionOf } from './page-place.ts';
import { encodePostings, type PostingEntry } from './posting-codec.ts';
import type { Chunk } from './source.ts';
import { sortTerms } from './sort-terms.ts';
import { splitWords } from './split-words.ts';

/** Everything that is written for one version of a page. */
export type PageIndex = { chunks: Chunk[]; rows: IndexRow[]; size: KnowledgeSize };

/**
 * Chunks, characters and terms that are worked on in one go, about 2 ms, before turns get their share of the processor
 * again: an answer of a FAQ is one chunk, however long it is.
 */
const chunksPerBreath = 16;
const charactersPerBreath = 8_000;
const rowsPerBreath = 2_000;

/** What tells the language of a page whose passages are too short to tell theirs. */
const languageSampleCharacters = 4_000;

/** `title`: of the page, or else of its source. */
export type PageToIndex = { sourceId: string; number: number; url: string | null; title: string };

/**
 * Makes chunks of the passages of a page, and the index of their terms. Words of the title and the headings stand in every
 * chunk they are above, without making it longer: a chunk is found by what it belongs to.
 */
export const indexPage = async (page: PageToIndex, passages: readonly Passage[]): Promise<PageIndex> => {
  const language = languageOf(splitWords(sample(passages)));
  const seen = new Map<string, number>();
  const entries = new Map<string, PostingEntry[]>();
  const chunks: Chunk[] = [];
  const languages = new Set<string>();
  let terms = 0;
  let characters = 0;
  for (const [place, passage] of passages.entries()) {
    if (place % chunksPerBreath === chunksPerBreath - 1 || characters >= charactersPerBreath) {
      await setImmediate();
      characters = 0;
    }
    characters += [page.title, ...passage.headings, passage.text].reduce((sum, { length }) => sum + length, 0);
    const position = positionOf(page.number, place);
    const { counts, length, spoken } = countTerms(page.title, passage, language);
    languages.add(spoken);
    terms += length;
    for (const [term, count] of counts) {
      const list = entries.get(term);
      if (list) list.push({ position, count, length });
      else entries.set(term, [{ position, count, length }]);
    }
    const key = JSON.stringify([passage.headings, passage.text]);
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    chunks.push({
      id: chunkId(page, passage, occurrence),
      sourceId: page.sourceId,
      position,
      headings: passage.headings,
      text: passage.text,
      tokens: estimateTokens(passage.text),
      page: passage.page ?? null,
      anchor: passage.anchor ?? null,
    });
  }
  const rows = await encodeRows(entries);
  return { chunks, rows, size: { chunks: chunks.length, terms, languages: [...languages] } };
};

/** In the order of their key: what is written in one go then lies together. */
const encodeRows = async (entries: ReadonlyMap<string, readonly PostingEntry[]>): Promise<IndexRow[]> => {
  const rows: IndexRow[] = [];
  for (const term of await sortTerms([...entries.keys()])) {
    if (rows.length % rowsPerBreath === rowsPerBreath - 1) await setImmediate();
    rows.push({ term, entries: encodePostings(entries.get(term) ?? []) });
  }
  return rows;
};

const countTerms = (
  title: string,
  passage: Passage,
  surroundings: LanguageAnalyser | null,
): { counts: Map<string, number>; length: number; spoken: string } => {
  const counts = new Map<string, number>();
  const body = analyseText(passage.text, surroundings);
  for (const { term } of body.terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  for (const above of new Set([title, ...passage.headings])) {
    const once = new Set(analyseText(above, body.language).terms.map(({ term }) => term));
    for (const term of once) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return { counts, length: body.terms.length, spoken: body.language.language };
};

const sample = (passages: readonly Passage[]): string => {
  let text = '';
  for (const passage of passages) {
    text += ` ${passage.headings.join(' ')} ${passage.text}`;
    if (text.length > languageSampleCharacters) break;
  }
  return text.slice(0, languageSampleCharacters);
};
