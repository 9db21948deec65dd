import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chunkId } from '../src/core/knowledge/chunk-id.ts';
import { apiClient } from './api-client.ts';
import { noLimits } from './boot.ts';
import { commandLine, type RunningServer } from './command-line.ts';
import { databaseOf, type TestDatabase } from './test-database.ts';
import { htmlPage, startWebSite, type WebSite } from './web-site.ts';

/**
 * Sources of every kind whose reading is killed again and again, at whatever point each has come to, are in the end what
 * they would have been undisturbed: the same pages under the same numbers, the same passages, nothing twice, nothing left
 * over.
 */

const pagesOfSite = 30;
/** Milliseconds from a start to its end: early in a round, and late; on a busy machine they fall where they fall. */
const killsAfterMs = [250, 900, 1_800];

let sites: WebSite[];
let parley: ReturnType<typeof commandLine>;
let database: TestDatabase;

const wool = (at: number): string =>
  Array.from({ length: 12 }, (_, line) => `Blanket ${at}-${line} is woven of wool and costs ${at * line} lari.`).join(
    ' ',
  );

/** A tree of pages with a duplicate, a dead link and a slow one. */
const fill = (site: WebSite): void => {
  for (let at = 0; at < pagesOfSite; at++) {
    const links = [2 * at + 1, 2 * at + 2].filter((next) => next < pagesOfSite).map((next) => `/p/${next}`);
    if (at === 4) links.push('/p/missing', '/p/copy');
    site.pages[`/p/${at}`] = { body: htmlPage(`Page ${at}`, wool(at), links), delayMs: at % 5 === 0 ? 120 : 40 };
  }
  site.pages['/p/copy'] = site.pages['/p/2'] ?? '';
  const urls = Array.from({ length: pagesOfSite }, (_, at) => `<url><loc>${site.origin}/p/${at}</loc></url>`).join('');
  site.pages['/sitemap.xml'] = { headers: { 'content-type': 'application/xml' }, body: `<urlset>${urls}</urlset>` };
};

beforeAll(async () => {
  sites = await Promise.all([startWebSite({}), startWebSite({})]);
  for (const site of sites) fill(site);
  parley = commandLine();
  mkdirSync(parley.dataDir, { mode: 0o700 });
  database = await databaseOf(parley.dataDir);
  writeFileSync(join(parley.folder, 'plans.json'), JSON.stringify({ default: 'test', plans: { test: noLimits } }));
});
afterAll(async () => {
  await parley.cleanUp();
  await database.drop();
  for (const site of sites) await site.close();
});

const serve = (): Promise<RunningServer> =>
  parley.serve({
    PARLEY_PLANS: join(parley.folder, 'plans.json'),
    PARLEY_OUTBOUND_ALLOW: sites.map(({ origin }) => origin).join(','),
    PARLEY_CRAWL_DELAY_MS: '0',
    ...database.environment,
  });

/** Bigints are text with some drivers. */
type ChunkRow = { id: string; position: number | string; headings: string; text: string; page: number | null };
type PageRow = { number: number | string; url: string | null; status: string; chunk_count: number | string };

const chunksOf = (sourceId: string) =>
  database.query(
    `select id, position, headings, text, page from chunks where source_id = '${sourceId}' order by position`,
  ) as unknown as Promise<ChunkRow[]>;
const pagesOf = (sourceId: string) =>
  database.query(
    `select number, url, status, chunk_count from source_pages where source_id = '${sourceId}' order by number`,
  ) as unknown as Promise<PageRow[]>;

/** What must be the same, whatever the id of the source. */
const stateOf = async (sourceId: string) => ({
  pages: (await pagesOf(sourceId)).map(({ number, url, status, chunk_count }) => [
    Number(number),
    url,
    status,
    Number(chunk_count),
  ]),
  chunks: (await chunksOf(sourceId)).map(({ position, headings, text, page }) => [
    Number(position),
    headings,
    text,
    page,
  ]),
});

it('what was killed while it was read is in the end what it would have been undisturbed', async () => {
  let server = await serve();
  const key = /prl_live_\w+/.exec(server.output())?.[0] ?? '';
  let client = apiClient(server.url, key);
  const botId = (await client.send('POST', '/v1/bots', { body: { name: 'Bot' } })).body.id as string;
  const text = Array.from({ length: 1_500 }, (_, at) => `# Item ${at}\nItem ${at} is made of wool ${at}.`).join('\n');

  const addAll = async (): Promise<string[]> => {
    const bodies = [
      { type: 'site', url: `${sites[0]?.origin}/p/0`, max_depth: 10 },
      { type: 'sitemap', url: `${sites[1]?.origin}/sitemap.xml` },
      { type: 'text', title: 'List', text },
    ];
    const form = new FormData();
    form.append('file', new Blob([text]), 'list.md');
    const headers = { authorization: `Bearer ${key}` };
    const uploaded = await fetch(`${server.url}/v1/bots/${botId}/sources`, { method: 'POST', headers, body: form });
    const ids = [((await uploaded.json()) as { id: string }).id];
    for (const body of bodies) {
      ids.push((await client.send('POST', `/v1/bots/${botId}/sources`, { body })).body.id as string);
    }
    return ids;
  };
  const settle = (ids: readonly string[]) =>
    expect
      .poll(
        async () => {
          const found = await Promise.all(ids.map((id) => client.send('GET', `/v1/bots/${botId}/sources/${id}`)));
          return found.map(({ body }) => body.status as string);
        },
        { timeout: 120_000, interval: 200 },
      )
      .toEqual(ids.map(() => 'ready'));

  const undisturbed = await addAll();
  await settle(undisturbed);
  const expected = await Promise.all(undisturbed.map(stateOf));
  expect(expected[1]?.pages).toHaveLength(pagesOfSite + 2);
  expect(expected[2]?.pages).toHaveLength(pagesOfSite);

  const disturbed = await addAll();
  const seen: unknown[] = [];
  for (const afterMs of killsAfterMs) {
    await setTimeout(afterMs);
    await server.end('SIGKILL');
    // what a killed process held is taken over when its lease has run out: not waited for here
    await database.write("update jobs set lease_until = 0 where status = 'running'");
    seen.push(await Promise.all(disturbed.map(async (id) => (await stateOf(id)).chunks.length)));
    server = await serve();
    client = apiClient(server.url, key);
  }
  await settle(disturbed);
  // the kills came in the middle
  expect(seen.flat().some((count, at) => Number(count) < (expected[at % 4]?.chunks.length ?? 0))).toBe(true);

  const states = await Promise.all(disturbed.map(stateOf));
  expect(states).toEqual(expected);
  for (const id of disturbed) {
    const pages = new Map((await pagesOf(id)).map(({ number, url }) => [Number(number), url]));
    for (const { id: found, position, headings, text: passage } of await chunksOf(id)) {
      const url = pages.get(Math.floor(Number(position) / 2 ** 20)) ?? null;
      const made = chunkId({ sourceId: id, url }, { headings: JSON.parse(headings) as string[], text: passage }, 0);
      expect(found).toBe(made);
    }
  }
  expect(await database.query('select 1 from retired_versions')).toEqual([]);
  expect(await database.query('select 1 from source_pages where pending_version is not null')).toEqual([]);
  await server.end('SIGTERM');
});
