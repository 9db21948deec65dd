import { parseArgs } from 'node:util';
import type { ScanResult } from '../server/src/kit/vectors/vector-index.ts';
import { packFloats, packQuantised, quantise } from '../server/src/kit/vectors/quantise.ts';
import { VectorScanner } from '../server/src/kit/vectors/vector-scanner.ts';
import { PostgresPool } from '../server/src/store/postgres/connection.ts';
import { migratePostgres } from '../server/src/store/postgres/migrate.ts';
import { Pgvector } from '../server/src/store/postgres/pgvector.ts';
import { runSql } from '../server/test/postgres/run-sql.ts';
import { BenchPostgres } from './postgres.ts';
import { quantile } from './quantile.ts';

/**
 * What the search of vectors takes, from the question to the best forty: a scan in memory, thread and back, and with
 * `--pgvector` beside it PostgreSQL with that extension, which the machine must have. Vectors lie around a few hundred
 * subjects, as those of texts do.
 *
 *     node bench/vectors.ts [--counts 1000,10000,100000] [--dimensions 512] [--rounds 200] [--pgvector]
 */

const { values } = parseArgs({
  options: {
    counts: { type: 'string', default: '1000,10000,100000' },
    dimensions: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '200' },
    pgvector: { type: 'boolean', default: false },
  },
});
const dimensions = Number(values.dimensions);
const rounds = Number(values.rounds);
const limit = 40;
const subjects = 300;
const rowsPerWrite = 1_000;
const model = 'bench/model';

/** Of a normal distribution, by Box and Muller. */
const normal = (): number => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const around = Array.from({ length: subjects }, () => Array.from({ length: dimensions }, normal));

const makeVector = (): Float32Array => {
  const subject = around[Math.floor(Math.random() * subjects)]!;
  const vector = Float32Array.from(subject, (value) => value + normal());
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};

type Search = (query: Float32Array) => Promise<ScanResult | null>;

const openMemory = async (vectors: readonly Float32Array[]): Promise<{ search: Search; close(): Promise<void> }> => {
  const scanner = new VectorScanner({
    maxBytes: 2 ** 31,
    onLost: (error) => {
      throw error;
    },
  });
  for (let at = 0; at < vectors.length; at += rowsPerWrite) {
    const rows = vectors
      .slice(at, at + rowsPerWrite)
      .map((vector, offset) => ({ position: at + offset, packed: packQuantised(quantise(vector)) }));
    await scanner.add('bot', 'source 0', rows);
  }
  return { search: (query) => scanner.search('bot', query, limit), close: () => scanner.close() };
};

const insertVectors = async (pool: PostgresPool, botId: string, vectors: readonly Float32Array[]): Promise<void> => {
  for (let at = 0; at < vectors.length; at += rowsPerWrite) {
    const slice = vectors.slice(at, at + rowsPerWrite);
    // told apart by lot, as the hashes of texts are
    const hashes = slice.map((_, offset) => `${((at + offset) * 7_919) % 1_000_003} ${at + offset}`);
    for (const [table, column, bytes] of [
      ['vectors', 'vector', slice.map((vector) => Buffer.from(packFloats(vector)))],
      ['vector_codes', 'code', slice.map((vector) => Buffer.from(packQuantised(quantise(vector))))],
    ] as const) {
      await pool.run(
        null,
        `insert into ${table} (workspace_id, bot_id, model, content_hash, ${column})
          select 'ws_a', $1, '${model}', * from unnest($2::text[], $3::bytea[])`,
        [botId, hashes, bytes],
      );
    }
    await pool.run(
      null,
      `insert into chunks (workspace_id, bot_id, source_id, revision, position, id, headings, text, tokens, content_hash)
        select 'ws_a', $1, 'src_a', 0, position, $1 || position, '[]', 'text', 1, hash
        from unnest($2::text[], $3::bigint[]) as given (hash, position)`,
      [botId, hashes, slice.map((_, offset) => at + offset)],
    );
  }
};

/** A bot of so many passages, in one page of one source, in a database with all the others. */
const openPostgres = async (pool: PostgresPool, url: string, vectors: readonly Float32Array[]) => {
  const botId = `bot_${vectors.length}`;
  const signal = new AbortController().signal;
  await pool.run(
    null,
    `insert into source_pages (workspace_id, bot_id, source_id, number, id, url_hash, depth, status, failures, due_at,
        listed_round, read_round, version, chunk_count, term_count, created_at)
      values ('ws_a', $1, 'src_a', 0, $1, '', 0, 'ready', 0, 0, 0, 0, 0, $2, 0, 0)`,
    [botId, vectors.length],
  );
  await insertVectors(pool, botId, vectors);
  const database = new Pgvector({ pool, url, onWarning: (text) => process.stderr.write(`${text}\n`) });
  const scope = { workspaceId: 'ws_a', botId, model };
  const startedAt = performance.now();
  await database.keepUp(model, signal);
  const tookSeconds = (performance.now() - startedAt) / 1_000;
  await runSql(url, 'vacuum analyze');
  const way = await database.wayFor(scope);
  if (way === null) throw new Error('PostgreSQL does not search them: has it pgvector 0.7 or newer?');
  return { search: (query: Float32Array) => database.nearest(scope, query, { way, limit }), way, tookSeconds };
};

const measure = async (search: Search, queries: readonly Float32Array[]) => {
  const times: number[] = [];
  const found: Set<number>[] = [];
  for (const query of queries) {
    const startedAt = performance.now();
    const result = await search(query);
    times.push(performance.now() - startedAt);
    found.push(new Set(result?.hits.map(({ position }) => position)));
  }
  const [p50, p95] = [0.5, 0.95].map((share) => quantile(times, share).toFixed(2));
  return { text: `p50 ${p50} ms, p95 ${p95} ms`, found };
};

/** How much of what the one has found the other has found, too. */
const shareOf = (found: readonly Set<number>[], other: readonly Set<number>[]): number => {
  const all = found.reduce((sum, set) => sum + set.size, 0);
  const both = found.reduce((sum, set, at) => sum + [...set].filter((one) => other[at]!.has(one)).length, 0);
  return both / all;
};

const postgres = values.pgvector ? await BenchPostgres.start() : null;
const url = await postgres?.createDatabase('vectors');
if (url !== undefined) await migratePostgres(url);
const pool = url === undefined ? null : new PostgresPool({ url, size: 2 });
try {
  for (const count of values.counts.split(',').map(Number)) {
    const vectors = Array.from({ length: count }, makeVector);
    const queries = Array.from({ length: rounds }, makeVector);
    const memory = await openMemory(vectors);
    const scanned = await measure(memory.search, queries);
    await memory.close();
    process.stdout.write(`${count} vectors of ${dimensions}: in memory ${scanned.text}\n`);
    if (pool === null || url === undefined) continue;
    const { search, way, tookSeconds } = await openPostgres(pool, url, vectors);
    const searched = await measure(search, queries);
    const share = shareOf(scanned.found, searched.found).toFixed(3);
    process.stdout.write(
      `  pgvector, ${way}: ${searched.text}, ${share} of what memory finds; taken in within ${tookSeconds.toFixed(1)} s\n`,
    );
  }
} finally {
  await pool?.close();
  await postgres?.close();
}
