import { CompiledQuery, type Kysely } from 'kysely';
import type { VectorDatabase, VectorWay } from '../../core/knowledge/vector-database.ts';
import type { StoredVector, VectorScope } from '../../core/knowledge/vector-store.ts';
import { unpackFloats } from '../../kit/vectors/quantise.ts';
import type { ScanResult } from '../../kit/vectors/vector-index.ts';
import type { Schema } from '../schema.ts';
import type { PostgresPool } from './connection.ts';
import { postgresCode } from './failure.ts';
import { type IndexedVectors, indexName, keepIndexes } from './pgvector-index.ts';
import {
  type BotCounts,
  followIndex,
  halfvecText,
  insertVectors,
  missingVectors,
  type NearestRow,
  nearestSql,
  nextBot,
  searchLimits,
  type Survey,
  survey,
  vectorsPerRead,
} from './pgvector-sql.ts';
import { createPgvectorTable, findPgvector, mostDimensions, usableTable } from './pgvector-table.ts';

/** Numbers that one question may compare without an index: some 3 ms, for 5,000 vectors of 512 dimensions. */
const defaultExactNumbers = 2_500_000;
/** Every index is looked at when a question is planned, some 20 µs each. The bots with most vectors have one. */
const mostIndexes = 50;
/**
 * Texts that are looked for beyond the passages that are wanted, since some may have been deleted, whose vectors go later;
 * where that is not enough, so many as an index gives at most.
 */
const spare = 24;
const mostNear = 1_000;
/** Of an index's search: more finds more, and takes longer; what is found is compared exactly. */
const fewestCandidates = 100;

export type PgvectorOptions = {
  pool: PostgresPool;
  url: string;
  /** Told once why it cannot be set up. */
  onWarning?: (text: string) => void;
  /** How much is compared without an index. */
  exactNumbers?: number;
};

type Missing = { hash: string; vector: Uint8Array | null };

/**
 * The search of vectors by the extension pgvector, where a server has it, in a table of its own. Vectors are written to it
 * together with all others; the hourly round takes in what a process has stored that knew nothing of it.
 */
export class Pgvector implements VectorDatabase {
  readonly #pool: PostgresPool;
  readonly #url: string;
  readonly #onWarning: (text: string) => void;
  readonly #exactNumbers: number;
  #ready = false;
  #warned = false;
  /** Until it is refused. */
  #mayBuild = true;

  constructor({ pool, url, onWarning = () => {}, exactNumbers = defaultExactNumbers }: PgvectorOptions) {
    this.#pool = pool;
    this.#url = url;
    this.#onWarning = onWarning;
    this.#exactNumbers = exactNumbers;
  }

  async wayFor(scope: VectorScope): Promise<VectorWay | null> {
    return (await this.#look(scope)).way;
  }

  async isBehind(scope: VectorScope): Promise<boolean> {
    return (await this.#look(scope)).behind;
  }

  async nearest(
    bot: VectorScope,
    query: Float32Array,
    { way, limit }: { way: VectorWay; limit: number },
  ): Promise<ScanResult | null> {
    const scope = { ...bot, dimensions: query.length };
    const wanted = { scope, way, limit, query: halfvecText(query) };
    let rows = await this.#expectTable(() => this.#nearest(wanted, limit + spare));
    // an index gives what was removed and not vacuumed yet as well, and none of that comes here
    if (rows[0] && rows.length < Math.min(limit, rows[0].count) && (way === 'index' || rows[0].near > limit)) {
      rows = await this.#expectTable(() => this.#nearest(wanted, mostNear));
    }
    const [first] = rows;
    if (!first || first.count === 0) return null;
    const hits = rows.flatMap(({ source_id: source, version, position, distance }) =>
      source === null ? [] : [{ group: `${source} ${version}`, position, cosine: 1 - distance }],
    );
    return { hits, count: first.count, mean: first.mean, deviation: first.deviation };
  }

  /** Writes what is stored in the same transaction; nothing where the table is not there. */
  async write(db: Kysely<Schema>, { workspaceId, botId, model }: VectorScope, vectors: readonly StoredVector[]) {
    const exact = vectors.map(({ contentHash, vector }) => ({ contentHash, vector: unpackFloats(vector) }));
    const fitting = exact.filter(({ vector }) => vector.length <= mostDimensions);
    await this.#expectTable(async () => {
      const { rows } = this.#ready ? { rows: [] } : await db.executeQuery(CompiledQuery.raw(usableTable));
      if (!(this.#ready ||= rows.length > 0)) return;
      const values = [
        model,
        fitting.map(() => workspaceId),
        fitting.map(() => botId),
        fitting.map(({ contentHash }) => contentHash),
        fitting.map(({ vector }) => halfvecText(vector)),
      ];
      await db.executeQuery(CompiledQuery.raw(insertVectors, values));
    });
  }

  async keepUp(model: string, signal: AbortSignal): Promise<void> {
    if (!(await this.#setUp())) return;
    const large = await this.#takeIn(model, signal);
    try {
      await keepIndexes(large, { pool: this.#pool, url: this.#url, signal });
    } catch (error) {
      if (postgresCode(error) !== insufficientPrivilege) throw error;
      this.#mayBuild = false;
      this.#warn(`no index can be built (${messageOf(error)}), so that large bots are searched in memory`);
    }
  }

  async #look(scope: VectorScope): Promise<{ way: VectorWay | null; behind: boolean }> {
    const nothing = { way: null, behind: false };
    return this.#expectTable(() =>
      this.#pool.transaction(async (session) => {
        await session.exec(searchLimits);
        this.#ready ||= (await session.query(null, usableTable, [])).length > 0;
        if (!this.#ready) return nothing;
        const { workspaceId, botId, model } = scope;
        const [found] = await session.query<Survey>(null, survey, [workspaceId, botId, model]);
        return found ? this.#judge(scope, found) : nothing;
      }),
    );
  }

  #judge(
    scope: VectorScope,
    { vectors, taken, dimensions, indexes }: Survey,
  ): { way: VectorWay | null; behind: boolean } {
    if (dimensions === null || dimensions > mostDimensions) return { way: null, behind: false };
    if (taken < vectors) return { way: null, behind: true };
    if (taken * dimensions <= this.#exactNumbers) return { way: 'exact', behind: false };
    if (indexes.includes(indexName({ ...scope, dimensions }))) return { way: 'index', behind: false };
    return { way: null, behind: this.#mayBuild && indexes.length < mostIndexes };
  }

  #nearest(
    { scope, way, limit, query }: { scope: IndexedVectors; way: VectorWay; limit: number; query: string },
    nearest: number,
  ): Promise<NearestRow[]> {
    return this.#pool.transaction(async (session) => {
      await session.exec(searchLimits);
      if (way === 'index') await session.exec(followIndex(Math.max(nearest, fewestCandidates)));
      return session.query<NearestRow>(null, nearestSql(way, scope, { nearest, limit }), [query]);
    });
  }

  /** Runs what needs the table; where it fails, the next call looks whether somebody has dropped it. */
  async #expectTable<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#ready = false;
      throw error;
    }
  }

  /** True where the table is there, be it that it was made just now. */
  async #setUp(): Promise<boolean> {
    const { state, version } = await findPgvector(this.#pool);
    if (state === 'ready' || state === 'missing') return state === 'ready';
    try {
      if (state !== 'possible') throw new Error(state === 'hidden' ? hidden : denied);
      await createPgvectorTable(this.#pool);
      return true;
    } catch (error) {
      this.#warn(`pgvector ${version} cannot be set up (${messageOf(error)}), so that vectors are searched in memory`);
      return false;
    }
  }

  /** Once: it is the same until somebody does something about it. */
  #warn(what: string): void {
    if (!this.#warned) this.#onWarning(`${what}: see "pgvector" in docs/models.md`);
    this.#warned = true;
  }

  /** Takes in what is stored and not here yet; gives the bots that want an index, those with most vectors first. */
  async #takeIn(model: string, signal: AbortSignal): Promise<IndexedVectors[]> {
    const large: { vectors: IndexedVectors; count: number }[] = [];
    let after = { workspace: '', bot: '' };
    for (;;) {
      signal.throwIfAborted();
      const values = [after.workspace, after.bot, model];
      const [next] = await this.#pool.query<BotCounts>(null, nextBot, values);
      if (!next) break;
      after = next;
      const { workspace: workspaceId, bot: botId, dimensions, vectors: count, taken } = next;
      if (dimensions === null || dimensions > mostDimensions) continue;
      const vectors = { workspaceId, botId, model, dimensions };
      if (taken < count) await this.#takeInBot(vectors, signal);
      if (count * dimensions > this.#exactNumbers) large.push({ vectors, count });
    }
    return large
      .toSorted((one, other) => other.count - one.count)
      .slice(0, mostIndexes)
      .map(({ vectors }) => vectors);
  }

  async #takeInBot(scope: VectorScope, signal: AbortSignal): Promise<void> {
    const { workspaceId, botId, model } = scope;
    for (let after = ''; ;) {
      signal.throwIfAborted();
      const rows = await this.#pool.query<Missing>(null, missingVectors, [workspaceId, botId, model, after]);
      await this.#insert(
        scope,
        rows.filter(({ vector }) => vector !== null),
      );
      if (rows.length < vectorsPerRead) return;
      after = rows.at(-1)?.hash ?? '';
    }
  }

  async #insert({ workspaceId, botId, model }: VectorScope, rows: readonly Missing[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#pool.run(null, insertVectors, [
      model,
      rows.map(() => workspaceId),
      rows.map(() => botId),
      rows.map(({ hash }) => hash),
      rows.map(({ vector }) => halfvecText(unpackFloats(vector ?? new Uint8Array()))),
    ]);
  }
}

/** A SQLSTATE. */
const insufficientPrivilege = '42501';

const hidden = 'it lies in a schema that is not on the search_path';
const denied = "this role may not create it, or not beside Parley's tables";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'for no known reason');
