import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpHarness, startHttp } from '../../../../test/http-harness.ts';
import { readNothing } from '../../../../test/read-nothing.ts';
import { rememberNothing } from '../../../../test/remember-nothing.ts';
import { jobKinds } from '../../../job/job-kinds.ts';
import type { JobKinds } from '../../../job/job-kind.ts';
import { newId } from '../../../kit/id.ts';

let api: HttpHarness;
let kinds: JobKinds;

beforeAll(async () => {
  api = await startHttp();
  const { store } = api;
  kinds = jobKinds({
    knowledge: store.readers.knowledge,
    transact: store.transact,
    clock: Date.now,
    forgetKnowledge: () => undefined,
    forgetVectors: () => undefined,
    vectors: store.readers.vectors,
    embedTexts: null,
    vectorDatabase: null,
    onOtherLength: () => undefined,
    turns: store.turns,
    jobs: store.jobs,
    turnLogsKeptMs: 3_600_000,
    eraseTraces: () => Promise.resolve(),
    measureTables: () => Promise.resolve(),
    retention: api.store.readers.retention,
    endTurns: () => undefined,
    ...readNothing,
    memory: rememberNothing(store),
    secretRotation: { rotation: store.readers.rotation, fingerprint: '', pepperTag: '' },
  });
});
afterAll(() => api.close());

/** Does what the worker would do. */
const work = async (): Promise<void> => {
  const { signal } = new AbortController();
  for (;;) {
    const job = await api.store.jobs.claim('node_test', 60_000);
    if (!job) return;
    await kinds[job.kind as keyof JobKinds].run({ ...job, signal });
    await api.store.jobs.complete(job);
  }
};

const makeBot = async (): Promise<string> =>
  (await api.send('POST', '/v1/bots', { body: { name: 'Shop' } })).body.id as string;
const delivery = { type: 'text', title: 'Delivery', text: 'We ship wool blankets to Batumi within two days.' };
const faq = { type: 'faq', title: 'Care', items: [{ question: 'Can I wash a blanket?', answer: 'By hand.' }] };
const wholeSite = { type: 'site', url: 'https://shop.example/' };
const add = async (botId: string, body: unknown = delivery) =>
  (await api.send('POST', `/v1/bots/${botId}/sources`, { body })).body;
const search = async (botId: string, query: string, limit?: number) =>
  (await api.send('POST', `/v1/bots/${botId}/search`, { body: { query, limit } })).body.data;

describe('a source', () => {
  test.each([
    ['text', delivery],
    ['faq', faq],
  ])('of type %s is queued at first and ready once its job has run', async (type, body) => {
    const botId = await makeBot();
    const { status, body: source } = await api.send('POST', `/v1/bots/${botId}/sources`, { body });
    expect(status).toBe(201);
    expect(source).toMatchObject({ object: 'source', bot_id: botId, type, title: body.title, status: 'queued' });
    expect(source).toMatchObject({ progress: 0, chunk_count: 0, error: null, url: null });
    await work();
    const path = `/v1/bots/${botId}/sources/${source.id}`;
    expect((await api.send('GET', path)).body).toMatchObject({ status: 'ready', progress: 1, chunk_count: 1 });
  });

  test('is listed, newest first', async () => {
    const botId = await makeBot();
    const older = await add(botId);
    const newer = await add(botId, faq);
    const { body } = await api.send('GET', `/v1/bots/${botId}/sources?limit=1`);
    expect(body).toMatchObject({ object: 'list', data: [newer], has_more: true });
    const { body: rest } = await api.send('GET', `/v1/bots/${botId}/sources?limit=5&after=${newer.id}`);
    expect(rest).toMatchObject({ data: [older], has_more: false });
  });

  test('that is deleted is neither read nor found, and its job leaves nothing behind', async () => {
    const botId = await makeBot();
    const { id } = await add(botId);
    await work();
    expect(await search(botId, 'Batumi')).toHaveLength(1);
    const path = `/v1/bots/${botId}/sources/${id}`;
    const { status, body } = await api.send('DELETE', path);
    expect([status, body]).toEqual([200, { id, object: 'source', deleted: true }]);
    expect((await api.send('GET', path)).status).toBe(404);
    expect((await api.send('DELETE', path)).status).toBe(404);
    expect(await search(botId, 'Batumi')).toEqual([]);
    await work();
    expect(await api.query(`select 1 from chunks where source_id = '${id}'`)).toEqual([]);
    expect(await api.query(`select 1 from postings where source_id = '${id}'`)).toEqual([]);
    expect(await api.query(`select 1 from source_contents where source_id = '${id}'`)).toEqual([]);
  });

  test('that is refreshed is found as it was until it is ready again', async () => {
    const botId = await makeBot();
    const { id } = await add(botId);
    await work();
    const [before] = await search(botId, 'Batumi');
    const { status, body } = await api.send('POST', `/v1/bots/${botId}/sources/${id}/refresh`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, status: 'queued', chunk_count: 1 });
    expect(await search(botId, 'Batumi')).toEqual([before]);
    await work();
    expect((await api.send('GET', `/v1/bots/${botId}/sources/${id}`)).body).toMatchObject({ status: 'ready' });
    expect(await search(botId, 'Batumi')).toEqual([before]);
  });

  test('made twice under one Idempotency-Key is one source', async () => {
    const botId = await makeBot();
    const request = { body: delivery, headers: { 'idempotency-key': 'k-1' } };
    const first = await api.send('POST', `/v1/bots/${botId}/sources`, request);
    const again = await api.send('POST', `/v1/bots/${botId}/sources`, request);
    expect(again.body).toEqual(first.body);
    expect((await api.send('GET', `/v1/bots/${botId}/sources`)).body.data).toHaveLength(1);
  });

  test('may be as large as a book', async () => {
    const text = '毯'.repeat(1_000_000);
    const { status } = await api.send('POST', `/v1/bots/${await makeBot()}/sources`, { body: { ...delivery, text } });
    expect(status).toBe(201);
  });
});

describe('what is refused', () => {
  test.each([
    ['another type', { type: 'rss', url: 'https://shop.example' }, 'invalid_request', 'type'],
    ['a url that is none', { type: 'url', url: 'shop' }, 'invalid_request', 'url'],
    ['a url of a private network', { type: 'url', url: 'http://10.0.0.1/' }, 'invalid_request', 'url'],
    ['a url of another protocol', { type: 'site', url: 'ftp://shop.example/' }, 'invalid_request', 'url'],
    ['a url with a password', { type: 'sitemap', url: 'https://a:b@shop.example/' }, 'invalid_request', 'url'],
    [
      'a url that is too long',
      { type: 'url', url: `https://shop.example/${'a'.repeat(2_048)}` },
      'invalid_request',
      'url',
    ],
    ['too many pages', { ...wholeSite, max_pages: 2_001 }, 'invalid_request', 'max_pages'],
    ['more pages than the server allows', { ...wholeSite, max_pages: 1_001 }, 'invalid_request', 'max_pages'],
    ['no pages', { ...wholeSite, max_pages: 0 }, 'invalid_request', 'max_pages'],
    ['a depth without end', { ...wholeSite, max_depth: 11 }, 'invalid_request', 'max_depth'],
    ['a pattern for a path', { ...wholeSite, include: ['docs/*'] }, 'invalid_request', 'include.0'],
    ['too many paths', { ...wholeSite, exclude: Array.from({ length: 51 }, () => '/a') }, 'invalid_request', 'exclude'],
    ['a depth of one page', { type: 'url', url: 'https://shop.example/', max_depth: 1 }, 'unknown_field', 'max_depth'],
    ['no type', { title: 'x', text: 'y' }, 'invalid_request', 'type'],
    ['no title', { type: 'text', text: 'y' }, 'invalid_request', 'title'],
    ['a text without a letter', { ...delivery, text: ' … ' }, 'invalid_request', 'text'],
    ['a text that is too long', { ...delivery, text: 'x'.repeat(1_000_001) }, 'invalid_request', 'text'],
    ['an unknown field', { ...delivery, items: [] }, 'unknown_field', 'items'],
    ['no items', { ...faq, items: [] }, 'invalid_request', 'items'],
    ['an item without an answer', { ...faq, items: [{ question: 'x' }] }, 'invalid_request', 'items.0.answer'],
    [
      'too many items',
      { ...faq, items: Array.from({ length: 1_001 }, () => ({ question: 'q', answer: 'a' })) },
      'invalid_request',
      'items',
    ],
    [
      'items that are too large in all',
      { ...faq, items: Array.from({ length: 200 }, () => ({ question: 'q', answer: 'a'.repeat(8_000) })) },
      'invalid_request',
      'items',
    ],
  ])('%s', async (_case, body, code, param) => {
    const { status, body: problem } = await api.send('POST', `/v1/bots/${await makeBot()}/sources`, { body });
    expect(status).toBe(400);
    expect(problem.error).toMatchObject({ code, param });
  });

  test('another type is told which there are', async () => {
    const { body } = await api.send('POST', `/v1/bots/${await makeBot()}/sources`, { body: { type: 'rss' } });
    expect(body.detail).toContain('`text`, `faq`, `url`, `sitemap` or `site`');
  });

  test('a source, a bot or a key of somebody else', async () => {
    const botId = await makeBot();
    const { id } = await add(botId);
    const otherBot = await makeBot();
    const stranger = await api.makeKey({ workspaceId: await api.makeWorkspace() });
    const limited = await api.makeKey({ botIds: [otherBot] });
    for (const [path, key] of [
      [`/v1/bots/${otherBot}/sources/${id}`, api.secret],
      [`/v1/bots/${newId('bot')}/sources/${id}`, api.secret],
      [`/v1/bots/${botId}/sources/${newId('src')}`, api.secret],
      [`/v1/bots/${botId}/sources/${id}`, stranger.secret],
      [`/v1/bots/${botId}/sources/${id}`, limited.secret],
    ] as const) {
      for (const [method, end] of [
        ['GET', ''],
        ['DELETE', ''],
        ['POST', '/refresh'],
      ] as const) {
        expect((await api.send(method, path + end, { key })).body.error.code).toBe('not_found');
      }
    }
    for (const key of [stranger.secret, limited.secret]) {
      expect((await api.send('GET', `/v1/bots/${botId}/sources`, { key })).status).toBe(404);
      expect((await api.send('POST', `/v1/bots/${botId}/sources`, { key, body: delivery })).status).toBe(404);
      expect((await api.send('POST', `/v1/bots/${botId}/search`, { key, body: { query: 'x' } })).status).toBe(404);
    }
    expect((await api.send('GET', `/v1/bots/${botId}/sources/${id}`)).status).toBe(200);
  });

  test('a key that may only read', async () => {
    const { secret: key } = await api.makeKey({ scopes: ['bots:read'] });
    const botId = await makeBot();
    expect((await api.send('POST', `/v1/bots/${botId}/sources`, { key, body: delivery })).status).toBe(403);
    expect((await api.send('GET', `/v1/bots/${botId}/sources`, { key })).status).toBe(200);
  });
});

describe('the search', () => {
  test('gives passages with their sources and scores, best first, no more than asked for', async () => {
    const botId = await makeBot();
    const source = await add(botId);
    await add(botId, faq);
    await work();
    const [best, second, ...rest] = await search(botId, 'Do you ship a blanket to Batumi?');
    expect(best).toMatchObject({ object: 'passage', source_id: source.id, title: 'Delivery', headings: [] });
    expect(best).toMatchObject({ text: delivery.text, url: null });
    expect(second).toMatchObject({ title: 'Care', headings: ['Can I wash a blanket?'], text: 'By hand.' });
    expect(rest).toEqual([]);
    expect(best.score).toBeGreaterThan(second.score);
    expect(await search(botId, 'Do you ship a blanket to Batumi?', 1)).toEqual([best]);
  });

  test('never looks into the knowledge of another bot', async () => {
    const canary = await makeBot();
    await add(canary, { ...delivery, text: 'The canary word is tsikhisdziri.' });
    await work();
    const botId = await makeBot();
    await add(botId);
    await work();
    expect(await search(botId, 'tsikhisdziri canary')).toEqual([]);
    expect(await search(canary, 'tsikhisdziri canary')).toHaveLength(1);
  });

  test('of an empty query, or for too many passages, is refused', async () => {
    const botId = await makeBot();
    for (const body of [{ query: '' }, { query: 'x', limit: 0 }, { query: 'x', limit: 51 }, {}]) {
      expect((await api.send('POST', `/v1/bots/${botId}/search`, { body })).status).toBe(400);
    }
  });
});
