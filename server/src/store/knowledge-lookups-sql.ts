import { type Kysely, sql } from 'kysely';
import type { ChunkPlace, PostingPlace } from '../core/knowledge/knowledge-store.ts';
import { pageNumberOf } from '../core/knowledge/page-place.ts';
import { type NamedQuery, namedQuery } from './named-query.ts';
import type { Schema } from './schema.ts';

/**
 * The two queries on the path of a turn. Building and compiling a query costs more than these take to run, so each is
 * compiled once for a few lengths of its list, and a shorter list is filled up by repeating its last value.
 */
const listLengths = [1, 4, 8, 16, 32, 64, 128, 256] as const;

/** Longer lists are cut: a question has at most 64 words, of a few variants each. */
export const maxListed = 256;

export type PostingRow = { term: string; source_id: string; entries: Uint8Array };

export type ChunkRow = {
  id: string;
  source_id: string;
  position: number;
  headings: string;
  text: string;
  tokens: number;
  page: number | null;
  anchor: string | null;
  title: string;
  page_title: string | null;
  url: string | null;
  page_url: string | null;
};

export type KnowledgeLookups = {
  postings(bot: { workspaceId: string; botId: string }, terms: readonly string[], limit: number): Promise<PostingRow[]>;
  postingsOf(
    bot: { workspaceId: string; botId: string },
    lookup: { term: string; after: PostingPlace | null; limit: number },
  ): Promise<{ source_id: string; revision: number; entries: Uint8Array | null }[]>;
  chunks(bot: { workspaceId: string; botId: string }, places: readonly ChunkPlace[]): Promise<ChunkRow[]>;
};

export const knowledgeLookupsSql = (db: Kysely<Schema>): KnowledgeLookups => {
  const postingQueries = new Map<number, NamedQuery<PostingRow>>();
  let pageQuery: NamedQuery<PostingOfTerm> | null = null;
  const chunkQueries = new Map<number, NamedQuery<ChunkRow>>();
  return {
    async postings({ workspaceId, botId }, terms, limit) {
      const filled = fillUp(terms);
      const query = compiled(postingQueries, filled.length, (length) =>
        namedQuery(`postings ${length}`, selectPostings(db, length).compile()),
      );
      const { rows } = await db.executeQuery<PostingRow>({
        ...query,
        parameters: [workspaceId, botId, ...filled, limit],
      });
      return rows;
    },
    async postingsOf({ workspaceId, botId }, { term, after, limit }) {
      const query = (pageQuery ??= namedQuery('postings of term', selectPostingPage(db).compile()));
      const { sourceId, version } = after ?? { sourceId: '', version: 0 };
      const { rows } = await db.executeQuery<PostingOfTerm>({
        ...query,
        parameters: [workspaceId, botId, term, sourceId, version, limit],
      });
      return rows;
    },
    async chunks({ workspaceId, botId }, places) {
      const filled = fillUp(places);
      const query = compiled(chunkQueries, filled.length, (length) =>
        namedQuery(`chunks ${length}`, selectPlaced(db, length).compile()),
      );
      const parameters = [...wantedValues(filled), workspaceId, botId];
      const { rows } = await db.executeQuery<ChunkRow>({ ...query, parameters });
      return rows;
    },
  };
};

/** A bare parameter in this place has SQLite plan the statement anew at every use. */
const limitHole = sql<number>`cast(${0} as bigint)`;

type PostingOfTerm = { source_id: string; revision: number; entries: Uint8Array | null };

/** By the key alone: pages that are found no more come too, without entries, so that a page of them is not the last. */
const selectPostingPage = (db: Kysely<Schema>) =>
  db
    .selectFrom('postings')
    .leftJoin('source_pages', (join) =>
      join
        .onRef('source_pages.workspace_id', '=', 'postings.workspace_id')
        .onRef('source_pages.bot_id', '=', 'postings.bot_id')
        .onRef('source_pages.source_id', '=', 'postings.source_id')
        .onRef('source_pages.version', '=', 'postings.revision'),
    )
    .select([
      'postings.source_id',
      'postings.revision',
      sql<Uint8Array | null>`case when source_pages.version is null then null else postings.entries end`.as('entries'),
    ])
    .where('postings.workspace_id', '=', '')
    .where('postings.bot_id', '=', '')
    .where('postings.term', '=', '')
    .where(sql<boolean>`(postings.source_id, postings.revision) > (${''}, cast(${0} as bigint))`)
    .orderBy('postings.source_id')
    .orderBy('postings.revision')
    .limit(limitHole);

const chunkColumns = [
  'chunks.id',
  'chunks.source_id',
  'chunks.position',
  'chunks.headings',
  'chunks.text',
  'chunks.tokens',
  'chunks.page',
  'chunks.anchor',
  'sources.title',
  'source_pages.title as page_title',
  'sources.url',
  'source_pages.url as page_url',
] as const;

/** Chunks of the versions that are found, by their ids, with what is shown of where they come from. */
export const selectChunksById = (db: Kysely<Schema>, workspaceId: string, ids: readonly string[]) =>
  db
    .selectFrom('chunks')
    .innerJoin('source_pages', (join) =>
      join
        .onRef('source_pages.workspace_id', '=', 'chunks.workspace_id')
        .onRef('source_pages.bot_id', '=', 'chunks.bot_id')
        .onRef('source_pages.source_id', '=', 'chunks.source_id')
        .onRef('source_pages.version', '=', 'chunks.revision'),
    )
    .innerJoin('sources', (join) =>
      join
        .onRef('sources.workspace_id', '=', 'chunks.workspace_id')
        .onRef('sources.bot_id', '=', 'chunks.bot_id')
        .onRef('sources.id', '=', 'chunks.source_id'),
    )
    .select(chunkColumns)
    .where('chunks.workspace_id', '=', workspaceId)
    .where('chunks.id', 'in', ids);

const selectPostings = (db: Kysely<Schema>, length: number) =>
  db
    .selectFrom('postings')
    .innerJoin('source_pages', (join) =>
      join
        .onRef('source_pages.workspace_id', '=', 'postings.workspace_id')
        .onRef('source_pages.bot_id', '=', 'postings.bot_id')
        .onRef('source_pages.source_id', '=', 'postings.source_id')
        .onRef('source_pages.version', '=', 'postings.revision'),
    )
    .select(['postings.term', 'postings.source_id', 'postings.entries'])
    .where('postings.workspace_id', '=', '')
    .where('postings.bot_id', '=', '')
    .where(
      'postings.term',
      'in',
      Array.from({ length }, () => ''),
    )
    .limit(limitHole);

type Wanted = { source_id: string; number: number; position: number };

/** What `selectWanted` asks for each place, in the order of its parameters. */
export const wantedValues = (places: readonly ChunkPlace[]): (string | number)[] =>
  places.flatMap(({ sourceId, position }) => [sourceId, pageNumberOf(position), position]);

/**
 * The chunks at `length` places of a bot, whose ids are the last two parameters. The page's number leads to its version by
 * the key, however many pages the source has.
 */
export const selectWanted = (db: Kysely<Schema>, length: number) => {
  const places = Array.from({ length }, () => sql`(${''}, cast(${0} as bigint), cast(${0} as bigint))`);
  return db
    .with('wanted(source_id, number, position)', () => sql<Wanted>`(values ${sql.join(places)})`)
    .selectFrom('wanted')
    .innerJoin('source_pages', (join) =>
      join.onRef('source_pages.source_id', '=', 'wanted.source_id').onRef('source_pages.number', '=', 'wanted.number'),
    )
    .innerJoin('chunks', (join) =>
      join
        .onRef('chunks.workspace_id', '=', 'source_pages.workspace_id')
        .onRef('chunks.bot_id', '=', 'source_pages.bot_id')
        .onRef('chunks.source_id', '=', 'source_pages.source_id')
        .onRef('chunks.revision', '=', 'source_pages.version')
        .onRef('chunks.position', '=', 'wanted.position'),
    )
    .where('source_pages.workspace_id', '=', '')
    .where('source_pages.bot_id', '=', '');
};

const selectPlaced = (db: Kysely<Schema>, length: number) =>
  selectWanted(db, length)
    .innerJoin('sources', (join) =>
      join
        .onRef('sources.workspace_id', '=', 'source_pages.workspace_id')
        .onRef('sources.bot_id', '=', 'source_pages.bot_id')
        .onRef('sources.id', '=', 'source_pages.source_id'),
    )
    .select(chunkColumns);

/** The two queries for lists of a length, as they are prepared. */
export const knowledgeLookupTexts = (db: Kysely<Schema>, length: number): { postings: string; chunks: string } => ({
  postings: selectPostings(db, length).compile().sql,
  chunks: selectPlaced(db, length).compile().sql,
});

const fillUp = <Item>(items: readonly Item[]): Item[] => {
  const listed = items.slice(0, maxListed);
  const length = listLengths.find((candidate) => candidate >= listed.length) ?? maxListed;
  const last = listed.at(-1);
  if (last === undefined) throw new RangeError('there is nothing to look up');
  return [...listed, ...Array.from({ length: length - listed.length }, () => last)];
};

const compiled = <Row>(
  known: Map<number, NamedQuery<Row>>,
  length: number,
  compile: (length: number) => NamedQuery<Row>,
): NamedQuery<Row> => {
  let query = known.get(length);
  if (!query) known.set(length, (query = compile(length)));
  return query;
};
