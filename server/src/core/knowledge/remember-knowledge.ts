import { setImmediate } from 'node:timers/promises';
import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Clock } from '../../kit/clock.ts';
import type { KnowledgeReader, KnowledgeSize, Posting } from './knowledge-store.ts';
import { decodeTermList, PlaceTable, type TermList, type TermLists } from './term-lists.ts';

/** Sizes kept at once, some 100 bytes each. */
const maxSizes = 10_000;
/** Longest time in which knowledge that another process added goes unnoticed, where no message tells of it. */
const sizeFreshMs = 5_000;

/** From here on lists are remembered; a smaller bot's are read in the time that it takes to look them up. */
const fromChunks = 2_000;
/** Of a bot whose size has not changed: text may have been exchanged for as much text elsewhere. */
const listsFreshMs = 60_000;
/** Bots whose lists are remembered, and places in them: eight bytes each, and the numbers of chunks beside. */
const maxBots = 64;
const maxPlacesOfBot = 2_000_000;

/** What is read at once of all terms that are wanted; what does not fit is read term by term. */
const firstPostings = 1_000;
/** A page of a term's postings, some 2 ms of the event loop on SQLite; turns get their share between two. */
const postingsPerPage = 500;
/** A term that stands in more pages than this tells too little to be read to its end. */
const maxPostingsOfTerm = 50_000;

type Remembered = { size: string; places: PlaceTable; lists: Map<string, TermList>; held: number };

export type RememberedKnowledge = KnowledgeReader & {
  /** To be called when what a bot can find has changed; without an id: what any can. */
  forget: (botId?: string) => void;
};

/**
 * A reader that remembers the sizes of bots, and of large ones the decoded lists of terms that were asked for: the common
 * words of questions are few, and their lists are what takes long to read.
 */
export const rememberKnowledge = (knowledge: KnowledgeReader, clock: Clock): RememberedKnowledge => {
  const sizes = new BoundedCache<string, KnowledgeSize>({ maxEntries: maxSizes, ttlMs: sizeFreshMs, clock });
  const bots = new BoundedCache<string, Remembered>({ maxEntries: maxBots, ttlMs: listsFreshMs, clock });
  let changes = 0;

  const size = async (workspaceId: string, botId: string): Promise<KnowledgeSize> => {
    const known = sizes.get(botId);
    if (known) return known;
    const before = changes;
    const read = await knowledge.size(workspaceId, botId);
    // what was read before a change must not be remembered after it
    if (before === changes) sizes.set(botId, read);
    return read;
  };

  const rememberedOf = (botId: string, current: KnowledgeSize): Remembered => {
    const key = `${current.chunks}:${current.terms}`;
    const known = bots.get(botId);
    if (known?.size === key && known.held <= maxPlacesOfBot) return known;
    const fresh = { size: key, places: new PlaceTable(), lists: new Map<string, TermList>(), held: 0 };
    if (current.chunks >= fromChunks) bots.set(botId, fresh);
    return fresh;
  };

  return {
    ...knowledge,
    size,
    async terms(workspaceId, botId, { terms, size: current }): Promise<TermLists> {
      const bot = rememberedOf(botId, current);
      const missing = terms.filter((term) => !bot.lists.has(term));
      if (missing.length > 0) {
        const found = await readPostings(knowledge, { workspaceId, botId, terms: missing });
        for (const term of missing) {
          const list = await decodeTermList(found.get(term) ?? [], bot.places);
          bot.lists.set(term, list);
          bot.held += list.numbers.length;
        }
      }
      return { places: bot.places, lists: new Map(terms.map((term) => [term, bot.lists.get(term) ?? noPlaces])) };
    },
    forget(botId) {
      changes += 1;
      if (botId === undefined) {
        sizes.clear();
        bots.clear();
      } else {
        sizes.delete(botId);
        bots.delete(botId);
      }
    },
  };
};

const noPlaces: TermList = { numbers: new Uint32Array(), counts: new Uint16Array(), lengths: new Uint16Array() };

type Wanted = { workspaceId: string; botId: string; terms: readonly string[] };

/** In one statement where there is little, which is nearly always; else term by term and page by page. */
const readPostings = async (
  knowledge: KnowledgeReader,
  { workspaceId, botId, terms }: Wanted,
): Promise<Map<string, Posting[]>> => {
  const found = await knowledge.postings(workspaceId, botId, { terms, limit: firstPostings });
  let read = 0;
  for (const postings of found.values()) read += postings.length;
  if (read < firstPostings) return found;
  for (const term of terms) found.set(term, await readTerm(knowledge, { workspaceId, botId, term }));
  return found;
};

const readTerm = async (
  knowledge: KnowledgeReader,
  { workspaceId, botId, term }: { workspaceId: string; botId: string; term: string },
): Promise<Posting[]> => {
  const postings: Posting[] = [];
  let after: { sourceId: string; version: number } | null = null;
  while (postings.length < maxPostingsOfTerm) {
    const page = await knowledge.postingsOf(workspaceId, botId, { term, after, limit: postingsPerPage });
    postings.push(...page.postings);
    after = page.last;
    if (after === null) break;
    await setImmediate();
  }
  return postings;
};
