import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WebReader, WebError } from '../src/core/knowledge/web-reader.ts';
import { createWebReader } from '../src/crawl/create-web-reader.ts';
import { createOutbound, type Outbound } from '../src/kit/outbound/outbound.ts';
import { boot, type Server } from './boot.ts';
import { sourcesOf } from './read-sources.ts';
import { htmlPage, type SitePage, startWebSite, type WebSite } from './web-site.ts';

/** What servers of the web ask for with `Retry-After`, from real ones on this machine. */

const page = htmlPage('Delivery', 'A woven blanket is shipped to Batumi within two days.');
const sitemapOf = (origin: string): SitePage => ({
  headers: { 'content-type': 'application/xml' },
  body: `<urlset><url><loc>${origin}/delivery</loc></url></urlset>`,
});
const busy = (status: number, retryAfter: string): SitePage => ({ status, headers: { 'retry-after': retryAfter } });

describe('a server that asks for a pause', () => {
  let site: WebSite;
  let outbound: Outbound;
  let web: WebReader;
  let now: number;

  beforeEach(async () => {
    site = await startWebSite({});
    site.pages['/delivery'] = page;
    site.pages['/sitemap.xml'] = sitemapOf(site.origin);
    outbound = createOutbound({ allowOrigins: [site.origin] });
    now = Date.UTC(2026, 10, 30);
    web = createWebReader({ outbound, clock: () => now, delayMs: 0 });
  });
  afterEach(async () => {
    await outbound.close();
    await site.close();
  });

  const { signal } = new AbortController();
  const readers = {
    'a page': () => web.readPage({ url: `${site.origin}/delivery`, etag: null, lastModified: null, signal }),
    'a sitemap': () => web.listSitemap({ url: `${site.origin}/sitemap.xml`, take: (url) => url, limit: 10, signal }),
  };
  const errorOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => null,
      (error: unknown) => error,
    );

  it.each([
    { path: '/delivery', wanted: 'a page', status: 503 },
    { path: '/sitemap.xml', wanted: 'a sitemap', status: 429 },
    { path: '/sitemap.xml', wanted: 'a sitemap', status: 503 },
    { path: '/robots.txt', wanted: 'a page', status: 429 },
    { path: '/robots.txt', wanted: 'a sitemap', status: 503 },
  ] as const)(
    'for $path with HTTP $status gets it, and then is asked for $wanted',
    async ({ path, wanted, status }) => {
      const kept = site.pages[path];
      site.pages[path] = busy(status, '120');
      const retryAt = now + 120_000;
      expect(await errorOf(readers[wanted]())).toMatchObject({ kind: 'passing', retryAt });
      const asked = site.visits.length;
      now = retryAt - 60_000;
      for (const read of Object.values(readers)) expect(await errorOf(read())).toMatchObject({ kind: 'wait', retryAt });
      expect(site.visits).toHaveLength(asked);
      if (kept === undefined) delete site.pages[path];
      else site.pages[path] = kept;
      now = retryAt;
      expect(await errorOf(readers[wanted]())).toBeNull();
    },
  );

  const minuteMs = 60_000;
  const dayMs = 24 * 60 * minuteMs;
  it.each([
    { path: '/delivery', wanted: 'a page', status: 503, seconds: 1_200, forMs: 20 * minuteMs },
    { path: '/delivery', wanted: 'a page', status: 429, seconds: 86_400, forMs: dayMs },
    { path: '/sitemap.xml', wanted: 'a sitemap', status: 429, seconds: 86_400, forMs: dayMs },
    { path: '/robots.txt', wanted: 'a page', status: 429, seconds: 86_400, forMs: dayMs },
    // nobody is believed for longer
    { path: '/robots.txt', wanted: 'a sitemap', status: 503, seconds: 86_400 * 365, forMs: dayMs },
  ] as const)(
    'of $seconds seconds for $path is told of at once, and not asked for anything meanwhile',
    async ({ path, wanted, status, seconds, forMs }) => {
      const kept = site.pages[path];
      site.pages[path] = busy(status, String(seconds));
      const until = now + forMs;
      const error = await errorOf(readers[wanted]());
      expect(error).toBeInstanceOf(WebError);
      expect(error).toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('wants to be left alone until'),
      });
      const asked = site.visits.length;
      const { message } = error as WebError;
      now = until - 1;
      for (const read of Object.values(readers))
        expect(await errorOf(read())).toMatchObject({ kind: 'refused', message });
      expect(site.visits).toHaveLength(asked);
      if (kept === undefined) delete site.pages[path];
      else site.pages[path] = kept;
      now = until;
      for (const read of Object.values(readers)) expect(await errorOf(read())).toBeNull();
    },
  );

  it('for hours is not asked by those who waited for their turn either', async () => {
    site.pages['/delivery'] = { status: 429, headers: { 'retry-after': '86400' }, delayMs: 100 };
    const errors = await Promise.all([1, 2, 3, 4].map(() => errorOf(readers['a page']())));
    expect(errors.map((error) => (error as WebError).kind)).toEqual(Array.from(errors, () => 'refused'));
    expect(site.takePaths()).toEqual(['/delivery']);
  });

  it.each([200, 404, 500])('is asked for its robots.txt once, where that is answered with HTTP %i', async (status) => {
    site.pages['/robots.txt'] = { status, body: '', delayMs: 100 };
    const robotsAsked = () => site.visits.filter(({ path }) => path === '/robots.txt').length;
    const errors = await Promise.all([1, 2, 3, 4].map(() => errorOf(readers['a page']())));
    const kinds = errors.map((error) => (error instanceof WebError ? error.kind : error));
    expect(kinds).toEqual(Array.from(errors, () => (status === 500 ? 'passing' : null)));
    expect(robotsAsked()).toBe(1);
    // the next try of a page that failed so comes after five seconds
    now += 5_000;
    site.pages['/robots.txt'] = '';
    expect(await errorOf(readers['a page']())).toBeNull();
    expect(robotsAsked()).toBe(status === 500 ? 2 : 1);
  });
});

describe('the sitemap of a source', () => {
  let server: Server;
  let sources: ReturnType<typeof sourcesOf>;
  let site: WebSite;
  /** One that is not to be asked again while the tests run. */
  let resting: WebSite;
  let botId: string;

  beforeAll(async () => {
    site = await startWebSite({});
    resting = await startWebSite({ '/sitemap.xml': busy(429, '600') });
    const allowed = `${site.origin},${resting.origin}`;
    server = await boot({ env: { PARLEY_OUTBOUND_ALLOW: allowed, PARLEY_CRAWL_DELAY_MS: '0' } });
    sources = sourcesOf(server);
  });
  afterAll(async () => {
    await server.close();
    await site.close();
    await resting.close();
  });
  beforeEach(async () => {
    botId = await server.makeBot();
    for (const path of Object.keys(site.pages)) delete site.pages[path];
    site.pages['/delivery'] = page;
    site.takePaths();
  });

  const begin = async (of = site): Promise<string> => {
    const body = { type: 'sitemap', url: `${of.origin}/sitemap.xml` };
    const answer = await server.send('POST', `/v1/bots/${botId}/sources`, { body });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body.id as string;
  };
  const jobOf = async (id: string) =>
    (
      await server.query(
        `select status, attempts, run_at from jobs where kind = 'process-source' and payload like '%${id}%'`,
      )
    )[0];
  /** Waits until it has been tried so often; gives when it is to be tried again. */
  const tried = async (id: string, attempts: number): Promise<number> => {
    await expect.poll(() => jobOf(id)).toMatchObject({ status: 'waiting', attempts });
    return Number((await jobOf(id))?.['run_at']);
  };
  const goOn = () => server.write("update jobs set run_at = 0 where status = 'waiting' and kind = 'process-source'");
  const asked = (of = site): number => of.visits.filter(({ path }) => path === '/sitemap.xml').length;

  it('is tried three times in all where the server is busy, and read once it is not', async () => {
    site.pages['/sitemap.xml'] = busy(503, '1');
    const id = await begin();
    await tried(id, 1);
    await goOn();
    await tried(id, 2);
    site.pages['/sitemap.xml'] = sitemapOf(site.origin);
    await goOn();
    expect(await sources.settled(botId, id)).toMatchObject({ status: 'ready', pages: { known: 1, done: 1 } });
    expect(asked()).toBe(3);
  });

  it('has failed after the third time, and the owner is told why', async () => {
    site.pages['/sitemap.xml'] = busy(429, '1');
    const id = await begin();
    for (const attempts of [1, 2]) {
      await tried(id, attempts);
      await goOn();
    }
    const error = expect.stringContaining('The server has too many requests (HTTP 429)');
    expect(await sources.settled(botId, id)).toMatchObject({ status: 'failed', error });
    expect(asked()).toBe(3);
  });

  it('is not asked for before the time that the server asks for', async () => {
    const begun = Date.now();
    const id = await begin(resting);
    expect(await tried(id, 1)).toBeGreaterThan(begun + 590_000);
    // whoever comes for it earlier does not get through, and has not tried it
    await goOn();
    await expect.poll(async () => Number((await jobOf(id))?.['run_at'])).toBeGreaterThan(begun + 590_000);
    expect(await tried(id, 1)).toBeGreaterThan(begun + 590_000);
    expect(asked(resting)).toBe(1);
  });

  it('is read without one that it names and that stays busy', async () => {
    const children = ['one', 'two', 'three'].map((name) => `<sitemap><loc>${site.origin}/${name}.xml</loc></sitemap>`);
    site.pages['/sitemap.xml'] = { body: `<sitemapindex>${children.join('')}</sitemapindex>` };
    site.pages['/one.xml'] = sitemapOf(site.origin);
    site.pages['/two.xml'] = busy(503, '1');
    site.pages['/three.xml'] = { body: '<urlset></urlset>' };
    const id = await begin();
    for (const attempts of [1, 2]) {
      await tried(id, attempts);
      await goOn();
    }
    expect(await sources.settled(botId, id)).toMatchObject({ status: 'ready', pages: { failed: 1 } });
    const failed = (await sources.pages(botId, id)).filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([{ url: `${site.origin}/two.xml`, error: expect.stringContaining('HTTP 503') }]);
    expect(asked()).toBe(3);
  });
});
