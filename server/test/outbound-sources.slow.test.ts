import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type Canary, startCanary } from './canary.ts';
import { forbiddenUrls } from './outbound-corpus.ts';
import { corpusReport } from './outbound-report.ts';
import { sourcesOf } from './read-sources.ts';
import { htmlPage, startWebSite, type WebSite } from './web-site.ts';

/** A page that may be read leads to every way to write an address that may not: nobody is called, and nothing is told. */

let canary: Canary;
let site: WebSite;
let server: Server;
let sources: ReturnType<typeof sourcesOf>;
let bot: string;
let closedPort: number;
const report = corpusReport('Forbidden addresses behind pages that may be read');

/** A port on which nobody listens. */
const findClosedPort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

beforeAll(async () => {
  canary = await startCanary();
  site = await startWebSite({});
  closedPort = await findClosedPort();
  server = await boot({
    env: {
      PARLEY_OUTBOUND_PORTS: `${canary.port},${closedPort}`,
      PARLEY_OUTBOUND_ALLOW: site.origin,
      PARLEY_CRAWL_DELAY_MS: '0',
    },
  });
  sources = sourcesOf(server);
  bot = await server.makeBot();
});
afterAll(async () => {
  report.write(canary);
  await server.close();
  await site.close();
  await canary.close();
});

/** As a header can carry them; what is cut off is no address any more. */
const forms = forbiddenUrls
  .map((form) => encodeURI(form.toWellFormed()).replaceAll('%25', '%').replaceAll('%7Bp%7D', '{p}'))
  .filter((form) => /^[\x21-\x7e]+$/.test(form.replaceAll('{p}', '1')) && form.length < 4_000);
const at = (form: string, port: number): string => form.replaceAll('{p}', String(port));

describe('an address that must not be called', () => {
  it('is not, where a page leads to it', async () => {
    expect(forms.length).toBeGreaterThanOrEqual(150);
    const told = new Set<string>();
    const ready: string[] = [];
    for (const [index, form] of forms.entries()) {
      site.pages[`/to/${index}`] = { status: 302, headers: { location: at(form, canary.port) } };
    }
    for (let from = 0; from < forms.length; from += 20) {
      const some = forms.slice(from, from + 20).map((_, index) => `${site.origin}/to/${from + index}`);
      const added = await Promise.all(
        some.map(
          async (url) => (await server.send('POST', `/v1/bots/${bot}/sources`, { body: { type: 'url', url } })).body,
        ),
      );
      for (const { id } of added) {
        const source = await sources.get(bot, id);
        const { status, error, url } = source.status === 'failed' ? source : await outcome(id);
        if (status === 'ready') ready.push(url as string);
        told.add(error as string);
        report.add('redirect');
      }
    }
    expect({ ready, visits: canary.visits }).toEqual({ ready: [], visits: [] });
    // what is said is of the address as it is written, and of nothing behind it
    expect([...told].filter((text) => /ECONN|refused|127\.|169\.|10\.|::|\d{4,}/.test(text))).toEqual([]);
  });

  it('is not, where a site links to it or a sitemap lists it', async () => {
    const links = forms.map((form) => at(form, canary.port).replaceAll('&', '&amp;').replaceAll('"', '&quot;'));
    site.pages['/links'] = htmlPage('Links', 'Links of all kinds to the shop of wool.', links);
    const locations = links.map((link) => `<url><loc>${link.replaceAll('<', '&lt;')}</loc></url>`).join('');
    site.pages['/sitemap.xml'] = {
      headers: { 'content-type': 'application/xml' },
      body: `<urlset>${locations}<url><loc>${site.origin}/page</loc></url></urlset>`,
    };
    site.pages['/index.xml'] = {
      headers: { 'content-type': 'application/xml' },
      body: `<sitemapindex><sitemap><loc>http://127.0.0.1:${canary.port}/s.xml</loc></sitemap></sitemapindex>`,
    };
    site.pages['/page'] = htmlPage(
      'Page',
      'All of our blankets are made of wool.',
      [],
      `<link rel="canonical" href="http://127.0.0.1:${canary.port}/"><meta http-equiv="refresh" content="0;url=http://127.0.0.1:${canary.port}/">`,
    );
    const linked = await sources.add(bot, { type: 'site', url: `${site.origin}/links` });
    expect(linked.status).toBe('ready');
    const listed = await sources.add(bot, { type: 'sitemap', url: `${site.origin}/sitemap.xml` });
    expect(listed.status).toBe('ready');
    const indexed = await sources.add(bot, { type: 'sitemap', url: `${site.origin}/index.xml` });
    expect(indexed.status).toBe('failed');
    report.add('link', links.length);
    report.add('sitemap', links.length);
    report.add('index of sitemaps');
    report.add('canonical');
    report.add('refresh');
    for (const { id } of [linked, listed, indexed]) {
      // what a sitemap names elsewhere is told of, and never read
      const unread = (await sources.pages(bot, id)).filter(({ url }) => !url?.startsWith(`${site.origin}/`));
      for (const page of unread) {
        expect(page).toMatchObject({ status: expect.stringMatching(/skipped|failed/), chunk_count: 0 });
        expect(page).toMatchObject({ title: null, fetched_at: null });
      }
    }
    expect(canary.visits).toEqual([]);
  });

  it('tells the same whether somebody listens there or not', async () => {
    const errors = new Set<string>();
    for (const port of [canary.port, closedPort]) {
      for (const host of ['127.0.0.1', '[::1]', '10.0.0.1', '0x7f.1']) {
        const path = `/port/${port}/${encodeURIComponent(host)}`;
        site.pages[path] = { status: 307, headers: { location: `http://${host}:${port}/` } };
        const source = await sources.add(bot, { type: 'url', url: `${site.origin}${path}` });
        errors.add(source.error as string);
        report.add('redirect');
      }
    }
    expect(errors.size).toBe(1);
    expect(canary.visits).toEqual([]);
  });
});

/** Once it is decided; a name that does not resolve is tried again for a minute, which nobody waits for here. */
const outcome = async (id: string): Promise<{ status: string; error: string; url: string }> => {
  for (let tries = 0; ; tries++) {
    const source = await sources.get(bot, id);
    if (source.status === 'failed' || source.status === 'ready') return source;
    const rows = await server.query(`select failures from source_pages where source_id = '${id}' and failures > 0`);
    if (rows.length > 0) return { status: 'waiting', error: '', url: source.url };
    if (tries > 600) throw new Error('nothing comes of it');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
