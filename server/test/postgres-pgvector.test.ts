import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { BotVectors } from '../src/core/knowledge/bot-vectors.ts';
import { createSource } from '../src/core/knowledge/create-source.ts';
import { processSource } from '../src/core/knowledge/process-source.ts';
import type { Store } from '../src/core/store.ts';
import { embedSourceKind } from '../src/job/kinds/embed-source.ts';
import { pruneVectors } from '../src/job/kinds/prune-vectors.ts';
import { purgeSource } from '../src/job/kinds/purge-source.ts';
import { syncEmbeddings } from '../src/job/kinds/sync-embeddings.ts';
import type { ScanResult } from '../src/kit/vectors/vector-index.ts';
import { VectorScanner } from '../src/kit/vectors/vector-scanner.ts';
import { PostgresPool } from '../src/store/postgres/connection.ts';
import { openPostgresStore } from '../src/store/postgres/database.ts';
import { Pgvector } from '../src/store/postgres/pgvector.ts';
import { indexName } from '../src/store/postgres/pgvector-index.ts';
import { followIndex, halfvecText, nearestSql } from '../src/store/postgres/pgvector-sql.ts';
import { boot, type Server } from './boot.ts';
import { commandLine } from './command-line.ts';
import { startEmbeddingsProvider } from './embeddings-provider.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { databaseUrl } from './postgres/server.ts';
import { startPglite } from './postgres/start-pglite.ts';
import { readNothing } from './read-nothing.ts';
import { testSecret } from './test-database.ts';

const { signal } = new AbortController();
const model = 'local/e5';
const dimensions = 64;
/** So few that a thousand vectors make a large bot. */
const exactNumbers = 600 * dimensions;

/** The PostgreSQL of this run, where it has the extension. */
const administration = databaseUrl(inject('postgresPort') ?? 0, 'postgres');
const available = await runSql(administration, "select 1 from pg_available_extensions where name = 'vector'");
const places = [
  { name: 'PostgreSQL in WebAssembly', open: startPglite },
  ...available.map(() => ({
    name: 'the PostgreSQL of this machine',
    open: async () => {
      const url = await createDatabase();
      return { url, close: () => dropDatabase(url) };
    },
  })),
];

/** Of length one, and the same for the same text in every run. */
const vectorOf = (text: string): Float32Array => {
  const vector = Float32Array.from(createHash('sha512').update(text).digest(), (value) => value - 127.5);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};

const placesOf = (found: ScanResult | null): string[] =>
  (found?.hits ?? []).map(({ group, position }) => `${group} ${position}`);

const notes = [
  'A parcel takes three days.',
  'Wool blankets are washed cold.',
  'The shop opens at nine.',
  'Tea is served upstairs.',
  'We repair zips.',
];

describe.each(places)('on $name, vectors', ({ open }) => {
  let place: Awaited<ReturnType<typeof open>>;
  let store: Store;
  let pool: PostgresPool;
  let database: Pgvector;
  const warnings: string[] = [];

  beforeAll(async () => {
    place = await open();
    store = await openPostgresStore({
      url: place.url,
      poolSize: 4,
      migrate: true,
    });
    pool = new PostgresPool({ url: place.url, size: 2 });
    database = new Pgvector({ pool, url: place.url, onWarning: (text) => warnings.push(text), exactNumbers });
    await database.keepUp(model, signal);
  });
  afterAll(async () => {
    await pool.close();
    await store.close();
    await place.close();
  });

  const makeTools = () => ({
    vectors: store.readers.vectors,
    transact: store.transact,
    clock: Date.now,
    embedTexts: {
      model,
      embed: (texts: readonly string[]) => Promise.resolve(texts.map((text) => vectorOf(text))),
    },
    forgetVectors: () => undefined,
    measureTables: () => store.measureTables(),
    vectorDatabase: database,
    onOtherLength: () => undefined,
  });
  let tools: ReturnType<typeof makeTools>;
  beforeAll(() => {
    tools = makeTools();
  });

  /** Reads a source of so many questions with answers, and embeds it; gives its id. */
  const addSource = async (
    botId: string,
    passages: number,
    { from = 0, workspaceId = 'ws_a', kept = true }: { from?: number; workspaceId?: string; kept?: boolean } = {},
  ): Promise<string> => {
    const bot = { workspaceId, botId };
    const items = Array.from({ length: passages }, (_, at) => ({
      question: `Item ${from + at}?`,
      answer: `It costs ${from + at}.`,
    }));
    const { transact, readers } = store;
    const source = await transact((writers) =>
      createSource(writers, { ...bot, title: 'Prices', content: { type: 'faq', items } }, Date.now),
    );
    const target = { ...bot, sourceId: source.id, revision: source.revision };
    const reading = { ...readNothing, ...readers, transact, clock: Date.now, signal, attempts: 1, embedTexts: null };
    await processSource(target, { ...reading, forgetKnowledge: () => undefined });
    const kind = embedSourceKind(tools);
    const run = { workspaceId, payload: { botId, sourceId: source.id }, attempts: 1, signal };
    while ((await kind.run(run)) !== null);
    if (!kept) await transact((writers) => writers.knowledge.remove(workspaceId, botId, source.id));
    return source.id;
  };

  const scopeOf = (botId: string, workspaceId = 'ws_a') => ({ workspaceId, botId, model });
  const planOf = async (way: 'exact' | 'index', scope: ReturnType<typeof scopeOf>): Promise<string> => {
    const text = nearestSql(way, { ...scope, dimensions }, { nearest: 64, limit: 40 });
    const rows = await pool.transaction(async (session) => {
      await session.exec(followIndex(100));
      return session.query<{ 'QUERY PLAN': string }>(null, `explain ${text}`, [halfvecText(vectorOf('one'))]);
    });
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };
  const takenOf = async (botId: string): Promise<number> => {
    const [row] = await runSql(
      place.url,
      `select count(*)::integer as count from vector_neighbours where bot_id = '${botId}'`,
    );
    return Number(row?.['count']);
  };

  test('are compared one by one in a small bot, with what a search in memory finds', async () => {
    await addSource('bot_small', 300);
    await addSource('bot_other', 20);
    expect(await database.wayFor(scopeOf('bot_small'))).toBe('exact');
    const scanner = new VectorScanner({ maxBytes: 16_777_216, onLost: () => undefined });
    const onError = vi.fn<(error: unknown) => void>();
    const memory = new BotVectors({
      reader: store.readers.vectors,
      scanner,
      model,
      maxBytes: 16_777_216,
      clock: Date.now,
      onError,
    });
    const bot = { workspaceId: 'ws_a', botId: 'bot_small' };
    await memory.state(bot.workspaceId, bot.botId);
    await memory.loaded(bot.botId);
    for (const text of ['one', 'two', 'three']) {
      const query = vectorOf(text);
      const found = await database.nearest({ ...bot, model }, query, { way: 'exact', limit: 40 });
      const scanned = await memory.search(bot, query, 40);
      expect(found?.hits).toHaveLength(40);
      expect(found?.count).toBe(300);
      expect(found?.mean).toBeCloseTo(scanned?.mean ?? 0, 2);
      expect(found?.deviation).toBeCloseTo(scanned?.deviation ?? 0, 2);
      // bytes put neighbours of nearly the same cosine in another order
      expect(placesOf(scanned)).toEqual(expect.arrayContaining(placesOf(found).slice(0, 10)));
      expect(found?.hits[0]?.cosine).toBeCloseTo(scanned?.hits[0]?.cosine ?? 0, 2);
    }
    await scanner.close();
    expect(onError).not.toHaveBeenCalled();
  });

  test('of another length are not compared', async () => {
    const query = Float32Array.from([1, 0, 0]);
    expect(await database.nearest(scopeOf('bot_small'), query, { way: 'exact', limit: 40 })).toBeNull();
  });

  test('are those of one workspace, though another has a bot of the same id', async () => {
    // the same texts, so that neither vectors nor passages tell them apart
    const own = await addSource('bot_small', 30, { workspaceId: 'ws_b' });
    const found = await database.nearest(scopeOf('bot_small', 'ws_b'), vectorOf('one'), { way: 'exact', limit: 40 });
    expect(found?.count).toBe(30);
    expect(found?.hits.every(({ group }) => group.startsWith(own))).toBe(true);
    const other = await database.nearest(scopeOf('bot_small'), vectorOf('one'), { way: 'exact', limit: 40 });
    expect(other?.count).toBe(300);
    expect(await database.wayFor(scopeOf('bot_small', 'ws_c'))).toBeNull();
  });

  test('of a model that was in use before are not compared, and those of a version that is not found are no hits', async () => {
    const id = await addSource('bot_before', 20);
    const scope = scopeOf('bot_before');
    const other = { ...scope, model: 'local/e6' };
    const [stored] = await store.readers.vectors.codes(scope, { sourceId: id, version: 1 }, { after: -1, limit: 1 });
    expect(stored).toBeDefined();
    await runSql(
      place.url,
      `insert into vector_codes select workspace_id, bot_id, 'local/e6', content_hash, code from vector_codes
        where bot_id = 'bot_before' and model = '${model}'`,
    );
    await runSql(
      place.url,
      `insert into vector_neighbours select workspace_id, bot_id, 'local/e6', content_hash, embedding
        from vector_neighbours where bot_id = 'bot_before' and model = '${model}'`,
    );
    for (const each of [scope, other]) {
      const found = await database.nearest(each, vectorOf('one'), { way: 'exact', limit: 40 });
      expect(found?.count).toBe(20);
      expect(found?.hits).toHaveLength(20);
    }
    await runSql(place.url, "update source_pages set version = version + 1 where bot_id = 'bot_before'");
    expect(await database.nearest(scope, vectorOf('one'), { way: 'exact', limit: 40 })).toMatchObject({ hits: [] });
  });

  test('that a server without pgvector has stored are taken in by the hourly round, and searched in memory until then', async () => {
    await addSource('bot_late', 250);
    await runSql(
      place.url,
      "delete from vector_neighbours where bot_id = 'bot_late' and content_hash in (select content_hash from vector_neighbours where bot_id = 'bot_late' limit 1)",
    );
    expect(await takenOf('bot_late')).toBe(249);
    expect(await database.wayFor(scopeOf('bot_late'))).toBeNull();
    expect(await database.isBehind(scopeOf('bot_late'))).toBe(true);
    await syncEmbeddings(tools).run({ workspaceId: null, payload: {}, attempts: 1, signal });
    expect(await takenOf('bot_late')).toBe(250);
    expect(await database.wayFor(scopeOf('bot_late'))).toBe('exact');
    expect(await database.isBehind(scopeOf('bot_late'))).toBe(false);
  });

  test('are read again of no bot that has all of them, also where as many have come as have gone', async () => {
    const rows = vi.spyOn(pool, 'query');
    const read = async () => {
      rows.mockClear();
      await database.keepUp(model, signal);
      return rows.mock.calls.filter(([, text]) => text.includes('from vectors ')).map(([, , values]) => values[1]);
    };
    expect(await read()).toEqual([]);
    const one =
      "bot_id = 'bot_late' and content_hash = (select min(content_hash) from vectors where bot_id = 'bot_late')";
    // its number of vectors stays
    for (const table of ['vectors', 'vector_codes']) {
      await runSql(
        place.url,
        `insert into ${table} select workspace_id, bot_id, model, 'f' || content_hash, ${table === 'vectors' ? 'vector' : 'code'}
          from ${table} where ${one}`,
      );
    }
    for (const table of ['vector_codes', 'vectors']) await runSql(place.url, `delete from ${table} where ${one}`);
    expect(await takenOf('bot_late')).toBe(249);
    expect(await read()).toEqual(['bot_late', 'bot_late']);
    expect(await takenOf('bot_late')).toBe(250);
    expect(await read()).toEqual([]);
    rows.mockRestore();
  });

  test('of a deleted source hide none that is kept, and go with its passages', async () => {
    const kept = await addSource('bot_less', 30);
    const gone = await addSource('bot_less', 300, { from: 1_000, kept: false });
    const found = await database.nearest(scopeOf('bot_less'), vectorOf('one'), { way: 'exact', limit: 30 });
    expect(found?.hits).toHaveLength(30);
    expect(found?.hits.every(({ group }) => group.startsWith(kept))).toBe(true);
    const run = { workspaceId: 'ws_a', payload: { botId: 'bot_less', sourceId: gone }, attempts: 1, signal };
    await purgeSource(tools).run(run);
    await pruneVectors(tools).run(run);
    expect(await takenOf('bot_less')).toBe(30);
  });

  test('of a large bot are followed through an index of its own, which finds nearly all that are nearest', async () => {
    const scope = scopeOf('bot_large');
    await addSource('bot_large', 500);
    expect(await database.wayFor(scope)).toBe('exact');
    await addSource('bot_large', 500, { from: 500 });
    // the same passages once more: what would crowd out its own in an index for all
    await addSource('bot_twin', 1_000);
    expect(await database.wayFor(scope)).toBeNull();
    await database.keepUp(model, signal);
    expect(await database.wayFor(scope)).toBe('index');
    let both = 0;
    for (let at = 0; at < 5; at += 1) {
      const query = vectorOf(`question ${at}`);
      const exact = await database.nearest(scope, query, { way: 'exact', limit: 40 });
      const followed = await database.nearest(scope, query, { way: 'index', limit: 40 });
      expect(followed?.hits).toHaveLength(40);
      expect(followed?.mean).toBeCloseTo(exact?.mean ?? 0, 2);
      const known = new Set(placesOf(exact));
      both += placesOf(followed).filter((one) => known.has(one)).length;
    }
    expect(both / 200).toBeGreaterThan(0.9);
    expect(await planOf('index', scope)).toContain(`Index Scan using ${indexName({ ...scope, dimensions })}`);
    expect(await planOf('exact', scope)).not.toContain('Order By');
  });

  test('that are near and were removed hide none of a large bot, though its index still leads through them', async () => {
    const scope = scopeOf('bot_large');
    const near = vectorOf('near');
    const hashes = Array.from({ length: 300 }, (_, at) => `near ${at}`);
    // more than an index keeps in view at first, none of them quite the same, and gone again before anything is cleaned up
    const around = hashes.map((hash) => halfvecText(vectorOf(hash).map((value, at) => near[at]! + value / 20)));
    await pool.run(
      null,
      `insert into vector_codes select 'ws_a', 'bot_large', '${model}', hash, $2::bytea from unnest($1::text[]) as hash`,
      [hashes, Buffer.alloc(4 + dimensions)],
    );
    await pool.run(
      null,
      `insert into vector_neighbours select 'ws_a', 'bot_large', '${model}', hash, vector::halfvec
        from unnest($1::text[], $2::text[]) as given (hash, vector)`,
      [hashes, around],
    );
    await runSql(place.url, "delete from vector_codes where bot_id = 'bot_large' and content_hash like 'near %'");
    const found = await database.nearest(scope, near, { way: 'index', limit: 40 });
    expect(found?.hits).toHaveLength(40);
  });

  test('of a large bot that shrinks lose their index, and what a broken build has left is built anew', async () => {
    const scope = scopeOf('bot_large');
    const listed = () =>
      runSql(place.url, "select count(*)::integer as count from pg_indexes where tablename = 'vector_neighbours'").then(
        ([row]) => row?.['count'],
      );
    expect(await listed()).toBe(3);
    await runSql(
      place.url,
      `update pg_index set indisvalid = false where indexrelid = '${indexName({ ...scope, dimensions })}'::regclass`,
    );
    expect(await database.wayFor(scope)).toBeNull();
    for (const table of ['vectors', 'vector_codes']) {
      await runSql(place.url, `delete from ${table} where bot_id = 'bot_twin'`);
    }
    await database.keepUp(model, signal);
    expect(await database.wayFor(scope)).toBe('index');
    expect(await listed()).toBe(2);
  });

  test('are not taken in where the server stops', async () => {
    await expect(database.keepUp(model, AbortSignal.abort())).rejects.toThrow('aborted');
  });

  test.each(['drop table vector_neighbours', 'drop extension vector cascade'])(
    'are searched in memory behind “%s”, until the next round mends it',
    async (drop) => {
      await runSql(place.url, drop);
      const scope = scopeOf('bot_small');
      await expect(database.nearest(scope, vectorOf('one'), { way: 'exact', limit: 40 })).rejects.toThrow(
        /vector_neighbours|embedding|halfvec/,
      );
      expect(await database.wayFor(scope)).toBeNull();
      await database.keepUp(model, signal);
      expect(await database.wayFor(scope)).toBe('exact');
      expect(await takenOf('bot_small')).toBe(330);
      expect(warnings).toEqual([]);
    },
  );
});

test('a role that may not set it up is told of once, and searches in memory', async () => {
  const place = await startPglite();
  const warnings: string[] = [];
  const store = await openPostgresStore({
    url: place.url,
    poolSize: 2,
    migrate: true,
    onWarning: (text) => warnings.push(text),
  });
  // of the one session that all share
  await runSql(place.url, 'create role server; grant all on all tables in schema public to server; set role server');
  const { vectorDatabase } = store;
  for (let round = 0; round < 2; round += 1) await vectorDatabase?.keepUp(model, signal);
  expect(await vectorDatabase?.wayFor({ workspaceId: 'ws_a', botId: 'bot_a', model })).toBeNull();
  expect(warnings).toEqual([expect.stringMatching(/^pgvector 0.* cannot be set up \(this role may not create it/)]);
  await store.close();
  await place.close();
});

test('migrate sets it up, and doctor says where vectors are searched', async () => {
  const place = await startPglite();
  const parley = commandLine();
  const environment = {
    DATABASE_URL: place.url,
    PARLEY_SECRET: testSecret,
    // nobody is asked for a vector here
    PARLEY_PROVIDER_LOCAL_URL: 'http://127.0.0.1:1/v1',
    PARLEY_EMBEDDINGS: 'local/e5',
  };
  await parley.run(['migrate'], { ...environment, PARLEY_PGVECTOR: 'off' });
  const off = await parley.run(['doctor'], { ...environment, PARLEY_PGVECTOR: 'off' });
  expect(off.answer).toContain('ok      vectors are searched in memory, as PARLEY_PGVECTOR says');
  const before = await parley.run(['doctor'], environment);
  expect(before.answer).toMatch(/ok {6}pgvector 0\.\d+\.\d+ is there: the next start or migrate sets it up/);
  await parley.run(['migrate'], environment);
  const after = await parley.run(['doctor'], environment);
  expect(after.answer).toMatch(/ok {6}pgvector 0\.\d+\.\d+ searches vectors/);
  await parley.cleanUp();
  await place.close();
});

test('a server that is told to leave pgvector alone sets nothing up, and finds by what is meant', async () => {
  const place = await startPglite();
  const provider = await startEmbeddingsProvider([['parcel', 'consignment']]);
  const server = await boot({
    env: {
      DATABASE_URL: place.url,
      PARLEY_PGVECTOR: 'off',
      PARLEY_PROVIDER_LOCAL_URL: provider.url,
      PARLEY_EMBEDDINGS: 'local/e5',
      PARLEY_EMBEDDINGS_TIMEOUT_MS: '20000',
    },
  });
  const bot = await server.makeBot();
  for (const text of notes) {
    await server.send('POST', `/v1/bots/${bot}/sources`, { body: { type: 'text', title: 'Notes', text } });
  }
  await expect
    .poll(async () => {
      const { body } = await server.send('POST', `/v1/bots/${bot}/search`, { body: { query: 'consignment duration' } });
      return (body.data as { text: string }[])[0]?.text;
    })
    .toBe(notes[0]);
  expect(await runSql(place.url, "select 1 where to_regclass('vector_neighbours') is not null")).toEqual([]);
  await server.close();
  await provider.close();
  await place.close();
});

test('a server on a database with pgvector finds by what is meant, and does without where it is lost', async () => {
  const place = await startPglite();
  const provider = await startEmbeddingsProvider([['parcel', 'shipment', 'consignment']]);
  const server: Server = await boot({
    env: {
      DATABASE_URL: place.url,
      PARLEY_PROVIDER_LOCAL_URL: provider.url,
      PARLEY_EMBEDDINGS: 'local/e5',
      PARLEY_EMBEDDINGS_TIMEOUT_MS: '20000',
    },
  });
  const bot = await server.makeBot();
  for (const text of notes) {
    await server.send('POST', `/v1/bots/${bot}/sources`, { body: { type: 'text', title: 'Notes', text } });
  }
  const taken = () =>
    runSql(place.url, `select 1 from vector_neighbours where bot_id = '${bot}'`).then(
      (rows) => rows.length,
      () => 0,
    );
  await expect.poll(taken).toBe(notes.length);
  // nobody can read these any more: who finds something has it from the table
  const codes = await runSql(place.url, 'select content_hash, code from vector_codes');
  await runSql(place.url, String.raw`update vector_codes set code = '\x00000000'`);
  const search = async (): Promise<unknown> => {
    const { body } = await server.send('POST', `/v1/bots/${bot}/search`, { body: { query: 'consignment duration' } });
    return (body.data as { text: string }[])[0]?.text;
  };
  await expect.poll(search).toBe(notes[0]);
  await runSql(place.url, 'drop table vector_neighbours');
  for (const { content_hash: hash, code } of codes) {
    const hex = Buffer.from(code as Uint8Array).toString('hex');
    await runSql(
      place.url,
      String.raw`update vector_codes set code = '\x${hex}' where content_hash = '${String(hash)}'`,
    );
  }
  await expect.poll(search).toBe(notes[0]);
  await server.close();
  await provider.close();
  await place.close();
});
