import { escapeLiteral } from 'pg';
import type { VectorWay } from '../../core/knowledge/vector-database.ts';
import type { VectorScope } from '../../core/knowledge/vector-store.ts';
import { mostDimensions, ownIndexes, vectorTable } from './pgvector-table.ts';

/** Of which the spread of a bot's cosines is told: the first by content hash, which is as good as drawn by lot. */
const sampled = 1_000;
/** Vectors of one read. */
export const vectorsPerRead = 250;

const ofScope = 'workspace_id = $1 and bot_id = $2 and model = $3';

/** The same with the values in the text, and of one length: an index is used where the text of a query holds its condition. */
export const ofLiteralScope = ({
  workspaceId,
  botId,
  model,
  dimensions,
}: VectorScope & { dimensions: number }): string =>
  `workspace_id = ${escapeLiteral(workspaceId)} and bot_id = ${escapeLiteral(botId)} and model = ${escapeLiteral(model)}
    and vector_dims(embedding) = ${dimensions}`;

export type Survey = { vectors: number; taken: number; dimensions: number | null; indexes: string[] };

/** How many vectors a bot has, of what length, and how many of them are here; and which indexes of Parley's can be used. */
export const survey = `
  select (select count(*) from vector_codes where ${ofScope}) as vectors,
    (select count(*) from ${vectorTable} where ${ofScope}) as taken,
    (select octet_length(code) - 4 from vector_codes where ${ofScope} order by content_hash limit 1) as dimensions,
    array(select relname::text from pg_index join pg_class on pg_class.oid = indexrelid
      where indrelid = '${vectorTable}'::regclass and indisvalid and relname ~ '${ownIndexes}') as indexes`;

/**
 * A question does not wait for longer, and what it asks must not hold connections that others need, while somebody locks the
 * table or the database is slow.
 */
export const searchLimits = "set local lock_timeout = '200ms'; set local statement_timeout = '2s'";

/** The order comes from the index, so a sort is none of the plans. `candidates` are kept in view: more finds more. */
export const followIndex = (candidates: number): string =>
  `set local hnsw.ef_search = ${candidates}; set local enable_sort = off`;

export type NearestRow = { count: number; mean: number; deviation: number; near: number } & (
  | { source_id: string; version: number; position: number; distance: number }
  | { source_id: null; version: null; position: null; distance: null }
);

/**
 * The passages of the `nearest` texts that can be found now, at most `limit` of them, by a vector as `$1`. One row at least:
 * with how many were compared, the spread of their cosines, and how many texts were near.
 */
export const nearestSql = (
  way: VectorWay,
  scope: VectorScope & { dimensions: number },
  { nearest, limit }: { nearest: number; limit: number },
): string => {
  const { dimensions } = scope;
  const vectors = `from ${vectorTable} where ${ofLiteralScope(scope)}`;
  const distance = `embedding::halfvec(${dimensions}) <=> $1::halfvec(${dimensions})`;
  const compared =
    way === 'exact'
      ? `compared as materialized (select content_hash, ${distance} as distance ${vectors}),
        nearest as materialized (select * from compared order by distance limit ${nearest})`
      : `compared as materialized (select ${distance} as distance ${vectors} order by content_hash limit ${sampled}),
        nearest as materialized (select content_hash, ${distance} as distance ${vectors}
          order by ${distance} limit ${nearest})`;
  const bot = `workspace_id = ${escapeLiteral(scope.workspaceId)} and bot_id = ${escapeLiteral(scope.botId)}`;
  return `with ${compared},
    spread as (select count(*) as count, avg(1 - distance) as mean, stddev_pop(distance) as deviation,
      (select count(*) from nearest) as near from compared)
    select spread.*, found.* from spread left join lateral (
      select chunks.source_id, chunks.revision as version, chunks.position, nearest.distance
      from nearest
      join (select * from chunks where ${bot}) as chunks on chunks.content_hash = nearest.content_hash
      join (select * from source_pages where ${bot}) as pages
        on pages.source_id = chunks.source_id and pages.version = chunks.revision
      order by nearest.distance limit ${limit}
    ) as found on true order by found.distance`;
};

export type BotCounts = {
  workspace: string;
  bot: string;
  vectors: number;
  taken: number;
  /** Null where it has no vectors of the model. */
  dimensions: number | null;
};

const ofBot = 'workspace_id = bot.workspace_id and bot_id = bot.bot_id and model = $3';

/**
 * The next bot behind a key of workspace and bot, with how many vectors of a model it has, and how many of them are here. What
 * is here goes with what is stored, so that as many are the same. Read from the keys alone, and no vector.
 */
export const nextBot = `
  select workspace_id as workspace, bot_id as bot,
    (select count(*) from vector_codes where ${ofBot}) as vectors,
    (select count(*) from ${vectorTable} where ${ofBot}) as taken,
    (select octet_length(code) - 4 from vector_codes where ${ofBot} order by content_hash limit 1) as dimensions
  from (select workspace_id, bot_id from vector_codes where (workspace_id, bot_id) > ($1, $2)
    order by workspace_id, bot_id limit 1) as bot`;

/** The next vectors of a bot behind a text, in the order of texts; with its bytes where it is not here yet and can be. */
export const missingVectors = `
  select content_hash as hash,
    case when octet_length(vector) between 4 and 4 * ${mostDimensions} and not exists (
      select 1 from ${vectorTable} as taken where taken.workspace_id = page.workspace_id and taken.bot_id = page.bot_id
        and taken.model = page.model and taken.content_hash = page.content_hash) then vector end as vector
  from (select * from vectors where ${ofScope} and content_hash > $4
    order by content_hash limit ${vectorsPerRead}) as page`;

/** Of vectors that are stored, and stay until it is in. */
export const insertVectors = `
  insert into ${vectorTable} (workspace_id, bot_id, model, content_hash, embedding)
  select codes.workspace_id, codes.bot_id, codes.model, codes.content_hash, given.embedding::halfvec
  from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as given (workspace_id, bot_id, content_hash, embedding)
  join vector_codes as codes on codes.workspace_id = given.workspace_id and codes.bot_id = given.bot_id
    and codes.model = $1 and codes.content_hash = given.content_hash
  for key share of codes
  on conflict do nothing`;

/** As text, in hundred-thousandths: half precision tells no more of a vector of length one. */
export const halfvecText = (vector: Float32Array): string =>
  `[${Array.from(vector, (value) => `${Math.round(value * 100_000)}e-5`).join(',')}]`;
