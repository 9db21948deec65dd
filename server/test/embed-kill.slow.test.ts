import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chunkContent } from '../src/core/knowledge/chunk-text.ts';
import { contentHash, embeddedText } from '../src/core/knowledge/content-hash.ts';
import { apiClient } from './api-client.ts';
import { noLimits } from './boot.ts';
import { commandLine, type RunningServer } from './command-line.ts';
import { type EmbeddingsProvider, startEmbeddingsProvider, storedVectorOf } from './embeddings-provider.ts';
import { databaseOf, type TestDatabase } from './test-database.ts';

/**
 * A source whose embedding is killed again and again goes on where it stood: in the end every passage has its vector once,
 * and nothing was paid for twice but what was under way at a kill.
 */

const sections = 1_200;
/** Long enough that a kill falls into a request, and the whole into several pieces of work. */
const requestMs = 400;
/** Requests that have begun after a start when its end comes. */
const killsAfterRequests = [2, 1, 8];

let provider: EmbeddingsProvider;
let parley: ReturnType<typeof commandLine>;
let database: TestDatabase;

beforeAll(async () => {
  provider = await startEmbeddingsProvider();
  provider.delay(requestMs);
  parley = commandLine();
  mkdirSync(parley.dataDir, { mode: 0o700 });
  database = await databaseOf(parley.dataDir);
  writeFileSync(join(parley.folder, 'plans.json'), JSON.stringify({ default: 'test', plans: { test: noLimits } }));
});
afterAll(async () => {
  await parley.cleanUp();
  await database.drop();
  await provider.close();
});

const serve = (): Promise<RunningServer> =>
  parley.serve({
    PARLEY_PLANS: join(parley.folder, 'plans.json'),
    PARLEY_PROVIDER_LOCAL_URL: provider.url,
    PARLEY_EMBEDDINGS: 'local/e5',
    ...database.environment,
  });

const marker = 'Blanket';
/** Texts of the source in each request; those of the demo bot are in others. */
const requests = (): string[][] =>
  provider.calls.map(({ input }) => input.filter((text) => text.includes(marker))).filter(({ length }) => length > 0);

it('what was killed while it was embedded goes on, and pays for nothing that it has', async () => {
  let server = await serve();
  const key = /prl_live_\w+/.exec(server.output())?.[0] ?? '';
  const client = apiClient(server.url, key);
  const bot = (await client.send('POST', '/v1/bots', { body: { name: 'Bot' } })).body.id as string;
  const list = Array.from({ length: sections }, (_, at) => `# ${marker} ${at}\nIt costs ${at} lari.`).join('\n');
  const body = { type: 'text', title: 'Prices', text: list };
  const { status, body: source } = await client.send('POST', `/v1/bots/${bot}/sources`, { body });
  expect(status).toBe(201);
  const textOf = new Map(
    (await chunkContent({ type: 'text', text: list })).map((passage) => [contentHash(passage), embeddedText(passage)]),
  );
  expect(textOf.size).toBe(sections);
  const textsIn = async (table: 'vectors' | 'vector_codes') =>
    (await database.query(`select content_hash from ${table} where bot_id = '${bot}'`)).map(
      (row) => textOf.get(row['content_hash'] as string) ?? 'a text that is not in the source',
    );

  let begun = 0;
  for (const after of killsAfterRequests) {
    await expect
      .poll(() => requests().length, { timeout: 120_000, interval: 20 })
      .toBeGreaterThanOrEqual(begun + after);
    await server.end('SIGKILL');
    // what a killed process held is taken over when its lease has run out: not waited for here
    await database.write("update jobs set lease_until = 0 where status = 'running'");
    begun = requests().length;
    const stored = new Set(await textsIn('vectors'));
    expect(stored.size).toBeLessThan(sections);
    server = await serve();
    // the next request, and the first piece of work behind it
    await expect.poll(() => requests().length, { timeout: 120_000 }).toBeGreaterThan(begun);
    const again = requests().slice(begun).flat();
    expect(again.filter((text) => stored.has(text))).toEqual([]);
  }
  const embeddingOf = async () =>
    (await apiClient(server.url, key).send('GET', `/v1/bots/${bot}/sources/${source.id}`)).body.embedding;
  await expect
    .poll(embeddingOf, { timeout: 120_000, interval: 200 })
    .toEqual({ status: 'ready', progress: 1, error: null });

  const texts = [...textOf.values()].toSorted();
  expect((await textsIn('vectors')).toSorted()).toEqual(texts);
  expect((await textsIn('vector_codes')).toSorted()).toEqual(texts);
  for (const row of await database.query(`select content_hash, vector from vectors where bot_id = '${bot}'`)) {
    const text = textOf.get(row['content_hash'] as string) ?? '';
    expect(Buffer.compare(Buffer.from(row['vector'] as Uint8Array), storedVectorOf(text))).toBe(0);
  }
  // a request was under way at each kill, and each was asked for once again
  const sent = requests().flat();
  expect(new Set(sent).size).toBe(sections);
  const mostPerRequest = Math.max(...requests().map(({ length }) => length));
  expect(sent.length - sections).toBeLessThanOrEqual(killsAfterRequests.length * mostPerRequest);
  await server.end('SIGTERM');
});
