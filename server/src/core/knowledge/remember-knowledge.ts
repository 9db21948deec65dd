import { setImmediate } from 'node:timers/promises';
import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Clock } from '../../kit/clock.ts';
import { WeighedCache } from '../../kit/weighed-cache.ts';
import type { KnowledgeReader, KnowledgeSize, Posting } from './knowledge-store.ts';
import { decodeTermList, PlaceTable, type TermList, type TermLists } from './term-lists.ts';

/** Sizes kept at once, some 100 bytes each. */
const maxSizes = 10_000;
/** Longest time in which knowledge that another process added goes unnoticed, where no message tells of it. */
const sizeFreshMs = 5_000;

/** Of a bot whose size has not changed: text may have been exchanged for as much text elsewhere. */
const listsFreshMs = 60_000;
/** What the lists of all bots together may take; one of 100,000 chunks takes some 20 MB. */
const maxListBytes = 128_000_000;
/** Past its share a bot's lists are begun anew, so that it does not push out all others. */
const shareOfBot = 0.5;
/** As measured: what a bot and a list take beside their places, and a place in a list. */
const bytesOfBot = 1_000;
const bytesOfList = 750;
const bytesOfPlace = 8;

/** What is read at once of all terms that are wanted; what does not fit is read term by term. */
const firstPostings = 1_000;
/** Terms that are read at the same time: a database elsewhere takes longer to be asked than to answer. */
const termsAtOnce = 4;
/** A page of a term's postings, some 2 ms of the event loop on SQLite; turns get their share between two. */
const postingsPerPage = 500;
/** A term that stands in more pages than this tells too little to be read to its end. */
const maxPostingsOfTerm = 50_000;

type Remembered = {
  size: string;
  madeAt: number;
  /** True once a reading of all terms at once did not do: it would not for the next question either. */
  wide: boolean;
  places: PlaceTable;
  lists: Map<string, TermList>;
  listBytes: number;
  /** Terms that are being read, for whoever else wants them meanwhile. */
  reading: Map<string, Promise<void>>;
};

export type RememberedKnowledge = KnowledgeReader & {
  /** To be called when what a bot can find has changed; without an id: what any can. */
  forget: (botId?: string) => void;
};

/**
 * A reader that remembers the sizes of bots and the decoded lists of terms that were asked for: the common words of
 * questions are few, and their lists are what takes long to read, of a large bot by themselves and of a small one by the
 * call of the database.
 */
export const rememberKnowledge = (
  knowledge: KnowledgeReader,
  clock: Clock,
  maxBytes = maxListBytes,
): RememberedKnowledge => {
  const sizes = new BoundedCache<string, KnowledgeSize>({ maxEntries: maxSizes, ttlMs: sizeFreshMs, clock });
  const bots = new WeighedCache<string, Remembered>({ maxWeight: maxBytes, idleMs: listsFreshMs, clock });
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
    if (known?.size === key && clock() - known.madeAt < listsFreshMs) return known;
    const fresh: Remembered = {
      size: key,
      madeAt: clock(),
      wide: false,
      places: new PlaceTable(),
      lists: new Map(),
      listBytes: 0,
      reading: new Map(),
    };
    bots.set(botId, fresh, bytesOfBot);
    return fresh;
  };

  const weigh = (botId: string, bot: Remembered): void => {
    // what was forgotten while it was read stays so
    if (bots.get(botId) !== bot) return;
    const bytes = bytesOfBot + bot.places.bytes + bot.listBytes;
    if (bytes > shareOfBot * maxBytes) bots.delete(botId);
    else bots.set(botId, bot, bytes);
  };

  const readLists = async (bot: Remembered, wanted: Wanted): Promise<void> => {
    const keep = async (term: string, postings: readonly Posting[]): Promise<void> => {
      const list = await decodeTermList(postings, bot.places);
      bot.lists.set(term, list);
      bot.listBytes += bytesOfList + bytesOfPlace * list.numbers.length;
    };
    const found = bot.wide ? null : await readAtOnce(knowledge, wanted);
    if (found) {
      for (const term of wanted.terms) await keep(term, found.get(term) ?? []);
    } else {
      bot.wide = true;
      await readByTerm(knowledge, wanted, keep);
    }
    weigh(wanted.botId, bot);
  };

  return {
    ...knowledge,
    size,
    async terms(workspaceId, botId, { terms, size: current }): Promise<TermLists> {
      const bot = rememberedOf(botId, current);
      const missing = terms.filter((term) => !bot.lists.has(term));
      const unread = missing.filter((term) => !bot.reading.has(term));
      if (unread.length > 0) {
        const read = readLists(bot, { workspaceId, botId, terms: unread }).finally(() => {
          for (const term of unread) bot.reading.delete(term);
        });
        for (const term of unread) bot.reading.set(term, read);
      }
      await Promise.all(missing.flatMap((term) => bot.reading.get(term) ?? []));
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

/** In one statement, where there is little, which is nearly always; null where it does not do. */
const readAtOnce = async (
  knowledge: KnowledgeReader,
  { workspaceId, botId, terms }: Wanted,
): Promise<Map<string, Posting[]> | null> => {
  const found = await knowledge.postings(workspaceId, botId, { terms, limit: firstPostings });
  let read = 0;
  for (const postings of found.values()) read += postings.length;
  return read < firstPostings ? found : null;
};

/** Term by term and page by page, a few terms at the same time; each is handed over once it is read. */
const readByTerm = async (
  knowledge: KnowledgeReader,
  { workspaceId, botId, terms }: Wanted,
  handOver: (term: string, postings: Posting[]) => Promise<void>,
): Promise<void> => {
  const waiting = [...terms];
  const readWaiting = async () => {
    for (let term = waiting.shift(); term !== undefined; term = waiting.shift()) {
      await handOver(term, await readTerm(knowledge, { workspaceId, botId, term }));
    }
  };
  await Promise.all(Array.from({ length: termsAtOnce }, readWaiting));
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
