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
import { splitWords } from './split-words.ts';

/** Everything that is written for one version of a page. */
export type PageIndex = { chunks: Chunk[]; rows: IndexRow[]; size: KnowledgeSize };

/** Chunks that are analysed in one go, about 2 ms, before turns get their share of the processor again. */
const chunksPerBreath = 16;

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
  for (const [place, passage] of passages.entries()) {
    if (place % chunksPerBreath === chunksPerBreath - 1) await setImmediate();
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
  // in the order of their key: what is written in one go then lies together
  const rows = Array.from(entries, ([term, list]) => ({ term, entries: encodePostings(list) })).toSorted(byTerm);
  return { chunks, rows, size: { chunks: chunks.length, terms, languages: [...languages] } };
};

const byTerm = (one: IndexRow, other: IndexRow): number => (one.term < other.term ? -1 : 1);

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
