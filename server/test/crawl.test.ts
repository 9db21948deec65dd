import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { sourcesOf } from './read-sources.ts';
import { htmlPage, type SitePage, startWebSite, type WebSite } from './web-site.ts';

/** Pages of the web as sources: one, those of a sitemap, those of a site, from a real server on this machine. */

let server: Server;
let sources: ReturnType<typeof sourcesOf>;
let site: WebSite;
let botId: string;

/** One whose robots.txt forbids some of it. */
let strict: WebSite;

beforeAll(async () => {
  site = await startWebSite({});
  const robots = 'User-agent: ParleyBot\nDisallow: /secret';
  strict = await startWebSite({ '/robots.txt': { headers: { 'content-type': 'text/plain' }, body: robots } });
  server = await boot({
    env: { PARLEY_OUTBOUND_ALLOW: `${site.origin},${strict.origin}`, PARLEY_CRAWL_DELAY_MS: '0' },
  });
  sources = sourcesOf(server);
});
afterAll(async () => {
  await server.close();
  await site.close();
  await strict.close();
});
beforeEach(async () => {
  botId = await server.makeBot();
});
afterEach(() => {
  for (const path of Object.keys(site.pages)) delete site.pages[path];
  site.takePaths();
});

/** Each test has a folder of its own, since what robots.txt says of an origin is remembered. */
let folders = 0;
const folder = (): string => `/t${(folders += 1)}`;
const wool = (at: number | string): string =>
  `Blanket number ${at} is woven of wool from Tusheti and is shipped within two days.`;
const urls = (pages: readonly { url: string | null }[]): (string | undefined)[] =>
  pages.map(({ url }) => url?.slice(site.origin.length));

describe('a url', () => {
  it('is read, found under its own title, and cited with the anchor that leads to the passage', async () => {
    const at = folder();
    site.pages[`${at}/delivery`] = htmlPage('Delivery times', wool('one'));
    const source = await sources.add(botId, { type: 'url', url: `${site.origin}${at}/delivery?utm_source=mail#top` });
    expect(source).toMatchObject({
      type: 'url',
      status: 'ready',
      progress: 1,
      url: `${site.origin}${at}/delivery`,
      pages: { known: 1, done: 1, failed: 0 },
      error: null,
    });
    const [found] = await sources.search(botId, 'When is a woven blanket shipped?');
    expect(found).toMatchObject({ title: 'Delivery times', headings: ['Delivery times'] });
    expect(found?.url).toBe(`${site.origin}${at}/delivery#top`);
    expect(site.visits.map(({ headers }) => headers['user-agent'])).toEqual([
      expect.stringContaining('ParleyBot'),
      expect.stringContaining('+https://parley.dev/docs/knowledge'),
    ]);
  });

  it('is followed where it leads, at most five times', async () => {
    const at = folder();
    for (let hop = 0; hop < 6; hop++) {
      site.pages[`${at}/${hop}`] = { status: 302, headers: { location: `${at}/${hop + 1}` } };
    }
    site.pages[`${at}/6`] = htmlPage('End', wool('end'));
    const near = await sources.add(botId, { type: 'url', url: `${site.origin}${at}/1` });
    expect(near.status).toBe('ready');
    const far = await sources.add(botId, { type: 'url', url: `${site.origin}${at}/0` });
    expect(far).toMatchObject({ status: 'failed', error: expect.stringContaining('more than 5 times') });
  });

  it.each([
    ['a page that is not there', { status: 404 }, 'HTTP 404'],
    ['a page that is gone', { status: 410 }, 'HTTP 410'],
    ['a page behind a password', { status: 401 }, 'sign-in'],
    ['a page that programs may not see', { status: 403 }, 'HTTP 403'],
    ['a picture', { headers: { 'content-type': 'image/png' }, body: 'x' }, 'image/png'],
    [
      'a page to sign in',
      '<title>Sign in</title><form action="/login"><input name="u"><input type="password" name="p"><button>Sign in</button></form>',
      'sign in',
    ],
    ['an empty page', '<html><body></body></html>', 'no text'],
    ['a page that must not be indexed', '<meta name="robots" content="noindex"><p>Wool and more wool.</p>', 'noindex'],
    ['a page that leads to no page', { status: 302, headers: { location: 'mailto:a@b.example' } }, 'no address'],
  ])('%s fails and says why', async (_case, page, words) => {
    const at = folder();
    site.pages[`${at}/x`] = page;
    const source = await sources.add(botId, { type: 'url', url: `${site.origin}${at}/x` });
    expect(source).toMatchObject({ status: 'failed', chunk_count: 0 });
    expect((source.error as string).toLowerCase()).toContain(words.toLowerCase());
    const [page1] = await sources.pages(botId, source.id);
    expect(page1).toMatchObject({ status: expect.stringMatching(/failed|skipped/), error: source.error });
  });

  it('keeps what was found while its server fails, and tells so', async () => {
    const at = folder();
    site.pages[`${at}/x`] = htmlPage('Wool', wool('kept'));
    const { id } = await sources.add(botId, { type: 'url', url: `${site.origin}${at}/x` });
    site.pages[`${at}/x`] = { status: 403 };
    expect(await sources.refresh(botId, id)).toMatchObject({ status: 'failed', chunk_count: 1 });
    expect(await sources.search(botId, 'woven blanket')).toHaveLength(1);
  });

  it('is not asked for where robots.txt forbids it', async () => {
    strict.pages['/secret/a'] = htmlPage('Secret', wool('secret'));
    const source = await sources.add(botId, { type: 'url', url: `${strict.origin}/secret/a` });
    expect(source).toMatchObject({ status: 'failed', error: expect.stringContaining('robots.txt') });
    expect(strict.visits.map(({ path }) => path)).not.toContain('/secret/a');
  });
});

describe('a site', () => {
  const shop = (at: string): void => {
    site.pages[`${at}/`] = htmlPage('Shop', 'All about our shop of wool.', [
      `${at}/a`,
      `${at}/b?utm_medium=x`,
      `${at}/a#again`,
      `${at}/missing`,
      `${at}/logo.png`,
      `${at}/login`,
      `${at}/moved`,
      `${at}/copy`,
      `${at}/canonical`,
      '/elsewhere',
      'https://other.invalid/',
      'mailto:a@b.example',
    ]);
    site.pages[`${at}/a`] = htmlPage('A', wool('a'), [`${at}/deep/c`]);
    site.pages[`${at}/b`] = htmlPage('B', wool('b'), [`${at}/`]);
    site.pages[`${at}/deep/c`] = htmlPage('C', wool('c'), [`${at}/deep/d`]);
    site.pages[`${at}/deep/d`] = htmlPage('D', wool('d'));
    site.pages[`${at}/login`] = '<title>Sign in</title><form><input type="password"><button>Go</button></form>';
    site.pages[`${at}/moved`] = { status: 301, headers: { location: `${at}/b` } };
    site.pages[`${at}/copy`] = htmlPage('A', wool('a'), [`${at}/deep/c`]);
    site.pages[`${at}/canonical`] = htmlPage('Other', wool('canonical'), [], `<link rel="canonical" href="${at}/b">`);
  };

  it('is read along its links, each page once, and what is not read says why', async () => {
    const at = folder();
    shop(at);
    const source = await sources.add(botId, { type: 'site', url: `${site.origin}${at}/`, title: 'Shop' });
    expect(source).toMatchObject({ type: 'site', status: 'ready', error: null });
    const pages = await sources.pages(botId, source.id);
    expect(pages.map(({ url, status }) => [url?.slice(site.origin.length + at.length), status])).toEqual([
      ['/', 'ready'],
      ['/a', 'ready'],
      ['/b', 'ready'],
      ['/missing', 'failed'],
      ['/login', 'failed'],
      ['/moved', 'skipped'],
      ['/copy', 'skipped'],
      ['/canonical', 'skipped'],
      ['/deep/c', 'ready'],
      ['/deep/d', 'ready'],
    ]);
    expect(source.pages).toEqual({ known: 10, done: 10, failed: 2 });
    const errors = pages.map(({ error }) => error ?? '');
    for (const words of ['HTTP 404', 'sign in', 'It leads to', 'the same as', 'copy of']) {
      expect(
        errors.some((error) => error.includes(words)),
        words,
      ).toBe(true);
    }
    expect(site.visits.filter(({ path }) => path === `${at}/b`)).toHaveLength(1);
    expect(site.mostAtOnce()).toBe(1);
    const [found] = await sources.search(botId, 'blanket number d');
    expect(found).toMatchObject({ title: 'D' });
  });

  it('is read as far as it was asked for', async () => {
    const at = folder();
    shop(at);
    const body = { type: 'site', url: `${site.origin}${at}/`, max_depth: 1, max_pages: 4 };
    const near = await sources.add(botId, body);
    expect(urls(await sources.pages(botId, near.id))).toEqual([`${at}/`, `${at}/a`, `${at}/b`, `${at}/missing`]);
    const some = await sources.add(botId, {
      ...body,
      max_pages: 100,
      max_depth: 10,
      exclude: [`${at}/deep`, `${at}/b`],
    });
    expect(urls(await sources.pages(botId, some.id))).not.toContain(`${at}/deep/c`);
    const few = await sources.add(botId, { ...body, max_pages: 100, include: [`${at}/a`, `${at}/deep`] });
    expect(urls(await sources.pages(botId, few.id))).toEqual([`${at}/`, `${at}/a`]);
  });

  it('that is refreshed changes only where its pages did', async () => {
    const at = folder();
    site.pages[`${at}/`] = htmlPage('Start', 'Welcome to the shop of wool.', [
      `${at}/a`,
      `${at}/b`,
      `${at}/c`,
      `${at}/d`,
    ]);
    for (const name of ['a', 'b', 'c', 'd']) {
      site.pages[`${at}/${name}`] = { headers: { etag: `"${name}1"` }, body: htmlPage(name.toUpperCase(), wool(name)) };
    }
    const { id } = await sources.add(botId, { type: 'site', url: `${site.origin}${at}/` });
    const idsBefore = await chunksOf(id);
    expect(idsBefore).toHaveLength(5);
    site.takePaths();
    // one page changes, one is gone, one is new, and one says the same in other bytes
    site.pages[`${at}/b`] = { headers: { etag: '"b2"' }, body: htmlPage('B', wool('changed'), [`${at}/new`]) };
    delete site.pages[`${at}/c`];
    site.pages[`${at}/d`] = { headers: { etag: '"d2"' }, body: `${htmlPage('D', wool('d'))}<!-- 2 -->` };
    site.pages[`${at}/new`] = htmlPage('New', wool('new'));
    const source = await sources.refresh(botId, id);
    expect(source).toMatchObject({ status: 'ready', pages: { known: 5, done: 5, failed: 0 }, chunk_count: 5 });
    expect(urls(await sources.pages(botId, id))).toEqual([`${at}/`, `${at}/a`, `${at}/b`, `${at}/d`, `${at}/new`]);
    const conditional = site.visits.filter(({ headers }) => headers['if-none-match'] !== undefined);
    expect(conditional.map(({ path }) => path)).toEqual(['a', 'b', 'c', 'd'].map((name) => `${at}/${name}`));
    await expect.poll(() => server.query('select 1 from retired_versions')).toEqual([]);
    const idsAfter = await chunksOf(id);
    // revisions of what did not change are those of before
    expect(idsAfter.filter((row) => idsBefore.includes(row))).toHaveLength(3);
    expect(await sources.search(botId, 'blanket number c')).not.toContainEqual(expect.objectContaining({ title: 'C' }));
  });

  it('that was away as a whole is read again, from its first page, once it is back', async () => {
    const at = folder();
    const pages = { [`${at}/`]: htmlPage('Start', wool('start'), [`${at}/a`]), [`${at}/a`]: htmlPage('A', wool('a')) };
    Object.assign(site.pages, pages);
    const { id } = await sources.add(botId, { type: 'site', url: `${site.origin}${at}/` });
    for (const path of Object.keys(pages)) delete site.pages[path];
    expect(await sources.refresh(botId, id)).toMatchObject({
      status: 'failed',
      chunk_count: 0,
      error: expect.stringContaining('HTTP 404'),
    });
    Object.assign(site.pages, pages);
    expect(await sources.refresh(botId, id)).toMatchObject({
      status: 'ready',
      pages: { known: 2, done: 2, failed: 0 },
    });
  });

  it('is left alone where it says so: noindex, nofollow, robots.txt', async () => {
    Object.assign(strict.pages, {
      '/': htmlPage('Start', 'Welcome to the shop.', ['/hidden', '/quiet', '/secret/b', '/header']),
      '/hidden': htmlPage('Hidden', wool('hidden'), ['/behind'], '<meta name="robots" content="noindex">'),
      '/behind': htmlPage('Behind', wool('behind')),
      '/quiet': htmlPage('Quiet', wool('quiet'), ['/nowhere'], '<meta name="robots" content="nofollow">'),
      '/nowhere': htmlPage('Nowhere', wool('nowhere')),
      '/secret/b': htmlPage('Secret', wool('secret')),
      '/header': { headers: { 'x-robots-tag': 'noindex' }, body: htmlPage('Header', wool('header')) },
    });
    const source = await sources.add(botId, { type: 'site', url: `${strict.origin}/` });
    expect(source).toMatchObject({ status: 'ready', pages: { known: 6, done: 6, failed: 0 } });
    const pages = await sources.pages(botId, source.id);
    expect(pages.map(({ url, status }) => [new URL(url ?? '').pathname, status])).toEqual([
      ['/', 'ready'],
      ['/hidden', 'skipped'],
      ['/quiet', 'ready'],
      ['/secret/b', 'skipped'],
      ['/header', 'skipped'],
      ['/behind', 'ready'],
    ]);
    expect(strict.visits.map(({ path }) => path)).not.toContain('/secret/b');
    const found = await sources.search(botId, 'blanket number hidden');
    expect(found.map(({ title }) => title)).not.toContain('Hidden');
  });
});

/** Ids and versions of the chunks of a source. */
const chunksOf = async (sourceId: string): Promise<string[]> =>
  (await server.query(`select id, revision from chunks where source_id = '${sourceId}' order by id`)).map((row) =>
    JSON.stringify(row),
  );

describe('a sitemap', () => {
  const sitemap = (...paths: string[]): string =>
    `<?xml version="1.0"?><urlset>${paths.map((path) => `<url><loc>${site.origin}${path}</loc></url>`).join('')}</urlset>`;

  it('is read with those that it names, packed or not', async () => {
    const at = folder();
    const xml = { 'content-type': 'application/xml' };
    site.pages[`${at}/index.xml`] = {
      headers: xml,
      body: `<sitemapindex><sitemap><loc>${site.origin}${at}/one.xml</loc></sitemap><sitemap><loc>${site.origin}${at}/two.xml.gz</loc></sitemap></sitemapindex>`,
    };
    site.pages[`${at}/one.xml`] = { headers: xml, body: sitemap(`${at}/a`, `${at}/b`, '/other?utm_source=x') };
    site.pages[`${at}/two.xml.gz`] = {
      headers: { 'content-type': 'application/gzip' },
      body: gzipSync(`${sitemap(`${at}/c`, `${at}/a`)}<loc>https://elsewhere.invalid/</loc>`),
    };
    for (const name of ['a', 'b', 'c']) site.pages[`${at}/${name}`] = htmlPage(name, wool(name));
    const source = await sources.add(botId, {
      type: 'sitemap',
      url: `${site.origin}${at}/index.xml`,
      exclude: ['/other'],
    });
    expect(source).toMatchObject({ status: 'ready', pages: { known: 4, done: 4, failed: 0 } });
    const pages = await sources.pages(botId, source.id);
    expect(urls(pages.slice(0, 3))).toEqual([`${at}/a`, `${at}/b`, `${at}/c`]);
    expect(pages[3]).toMatchObject({ url: 'https://elsewhere.invalid/', status: 'skipped' });
    // what is in it no more is found no more
    site.pages[`${at}/one.xml`] = { headers: xml, body: sitemap(`${at}/b`) };
    site.pages[`${at}/two.xml.gz`] = { headers: xml, body: sitemap(`${at}/d`) };
    site.pages[`${at}/d`] = htmlPage('d', wool('d'));
    const again = await sources.refresh(botId, source.id);
    expect(again).toMatchObject({ status: 'ready', chunk_count: 2 });
    expect(urls(await sources.pages(botId, source.id))).toEqual([`${at}/b`, `${at}/d`]);
  });

  it.each([
    ['that is not there', { status: 404 }, 'HTTP 404'],
    ['that cannot be unpacked', { body: gzipSync('x'.repeat(100)).subarray(0, 20) }, 'unpacked'],
    ['that unpacks without end', { body: gzipSync(Buffer.alloc(30_000_000)) }, 'unpacked'],
    ['that lists nothing', { body: '<urlset></urlset>' }, 'nothing to read'],
    ['that is a page', htmlPage('Shop', 'We have no sitemap.'), 'an HTML page and no sitemap'],
    ['that is another list', { body: '<rss><channel><link>/a</link></channel></rss>' }, 'no sitemap'],
  ])('%s fails and says why', async (_case, page, words) => {
    const at = folder();
    site.pages[`${at}/s.xml`] = page;
    const source = await sources.add(botId, { type: 'sitemap', url: `${site.origin}${at}/s.xml` });
    expect(source).toMatchObject({ status: 'failed', error: expect.stringContaining(words) });
  });

  const indexOf = (...locations: string[]): SitePage => ({
    body: `<sitemapindex>${locations.map((location) => `<sitemap><loc>${location}</loc></sitemap>`).join('')}</sitemapindex>`,
  });
  const failed = (pages: Awaited<ReturnType<typeof sources.pages>>) =>
    pages.filter(({ status }) => status === 'failed');

  it('is read as far as it can be, and each sitemap that it names and that failed is listed with the reason', async () => {
    const at = folder();
    const metadata = 'http://169.254.169.254/sitemap.xml';
    const [missing, page] = [`${site.origin}${at}/missing.xml`, `${site.origin}${at}/page.xml`];
    const [index, one] = [`${site.origin}${at}/index.xml`, `${site.origin}${at}/one.xml`];
    site.pages[`${at}/index.xml`] = indexOf(missing, metadata, page, index, one);
    site.pages[`${at}/page.xml`] = htmlPage('Shop', 'We have no sitemap.');
    site.pages[`${at}/one.xml`] = { body: sitemap(`${at}/a`, `${at}/b`) };
    for (const name of ['a', 'b']) site.pages[`${at}/${name}`] = htmlPage(name, wool(name));
    const { id, ...source } = await sources.add(botId, { type: 'sitemap', url: index, max_pages: 2 });
    expect(source).toMatchObject({ status: 'ready', error: null, pages: { known: 5, done: 5, failed: 3 } });
    const pages = await sources.pages(botId, id);
    expect(urls(pages.slice(0, 2))).toEqual([`${at}/a`, `${at}/b`]);
    expect(failed(pages)).toEqual(pages.slice(2));
    expect(failed(pages).map(({ url, error }) => ({ url, error }))).toEqual([
      { url: missing, error: `The sitemap ${missing} could not be read. There is no such page (HTTP 404).` },
      { url: metadata, error: expect.stringContaining(`The sitemap ${metadata} could not be read.`) },
      { url: page, error: expect.stringContaining('It is an HTML page and no sitemap.') },
    ]);
    site.pages[`${at}/index.xml`] = indexOf(missing);
    expect(await sources.add(botId, { type: 'sitemap', url: index })).toMatchObject({
      status: 'failed',
      error: `The sitemap ${missing} could not be read. There is no such page (HTTP 404).`,
    });
  });

  it('keeps what was found while a sitemap that it names cannot be read, and removes it once that says so', async () => {
    const at = folder();
    site.pages[`${at}/index.xml`] = indexOf(`${site.origin}${at}/one.xml`, `${site.origin}${at}/two.xml`);
    site.pages[`${at}/one.xml`] = { body: sitemap(`${at}/a`) };
    site.pages[`${at}/two.xml`] = { body: sitemap(`${at}/b`, `${at}/c`) };
    for (const name of ['a', 'b', 'c']) site.pages[`${at}/${name}`] = htmlPage(name, wool(name));
    const { id } = await sources.add(botId, { type: 'sitemap', url: `${site.origin}${at}/index.xml` });
    site.pages[`${at}/two.xml`] = { status: 403 };
    for (let round = 0; round < 2; round++) {
      expect(await sources.refresh(botId, id)).toMatchObject({ status: 'ready', chunk_count: 3, pages: { failed: 1 } });
      expect(urls(await sources.pages(botId, id))).toEqual([`${at}/a`, `${at}/b`, `${at}/c`, `${at}/two.xml`]);
    }
    site.pages[`${at}/two.xml`] = { body: sitemap(`${at}/c`) };
    expect(await sources.refresh(botId, id)).toMatchObject({ status: 'ready', chunk_count: 2, pages: { failed: 0 } });
    expect(urls(await sources.pages(botId, id))).toEqual([`${at}/a`, `${at}/c`]);
  });

  it('whose pages change is read up to its limit, which pages that are gone take up no more', async () => {
    const at = folder();
    site.pages[`${at}/s.xml`] = { body: sitemap(`${at}/a`, `${at}/b`) };
    for (const name of ['a', 'b', 'c']) site.pages[`${at}/${name}`] = htmlPage(name, wool(name));
    const { id } = await sources.add(botId, { type: 'sitemap', url: `${site.origin}${at}/s.xml`, max_pages: 2 });
    site.pages[`${at}/s.xml`] = { body: sitemap(`${at}/b`, `${at}/c`) };
    await sources.refresh(botId, id);
    expect(urls(await sources.pages(botId, id))).toEqual([`${at}/b`, `${at}/c`]);
  });

  it('shows what it lists and is not read as skipped, twenty entries at most', async () => {
    const at = folder();
    site.pages[`${at}/a`] = htmlPage('a', wool('a'));
    const entries = [
      'file:///etc/passwd',
      'http://10.0.0.1/a',
      `${site.origin.replace(/\d+$/, '1')}/a`,
      'mailto:a@b.example',
    ];
    const more = Array.from({ length: 30 }, (_none, place) => `https://elsewhere.invalid/${place}`);
    const lines = [...entries, `${site.origin}${at}/i.png`, ...more, `${site.origin}/other`, `${site.origin}${at}/a`];
    site.pages[`${at}/s.txt`] = { body: lines.join('\n') };
    const body = { type: 'sitemap', url: `${site.origin}${at}/s.txt`, max_pages: 1, exclude: ['/other'] };
    const source = await sources.add(botId, body);
    expect(source).toMatchObject({ status: 'ready', pages: { known: 21, done: 21, failed: 0 } });
    const skipped = (await sources.pages(botId, source.id)).filter(({ status }) => status === 'skipped');
    expect(skipped.map(({ url }) => url)).toEqual([
      ...entries.slice(0, 3),
      `${site.origin}${at}/i.png`,
      ...more.slice(0, 16),
    ]);
    expect(skipped.slice(0, 4).map(({ error }) => error)).toEqual([
      expect.stringContaining('no address of a web page'),
      expect.stringContaining('another host or port'),
      expect.stringContaining('another host or port'),
      expect.stringContaining('a kind of file'),
    ]);
  });
});
