import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { boot } from './boot.ts';
import { foundInFiles } from './database-files.ts';
import { sourcesOf } from './read-sources.ts';
import { htmlPage, startWebSite } from './web-site.ts';

it('leaves none of the words of deleted sources in the files of the database', async () => {
  const site = await startWebSite({ '/a': htmlPage('Page', 'zanzibarword stands on this page of wool.', ['/b']) });
  site.pages['/b'] = htmlPage('Page', 'zanzibarword stands on the second page of wool.');
  const server = await boot({ env: { PARLEY_OUTBOUND_ALLOW: site.origin, PARLEY_CRAWL_DELAY_MS: '0' } });
  const sources = sourcesOf(server);
  const bot = await server.makeBot();
  const text = Array.from(
    { length: 500 },
    (_, at) => `# Item ${at}\nIt is made of wool, says zanzibarword ${at}.`,
  ).join('\n');
  const form = new FormData();
  form.append('file', new Blob([text]), 'list.md');
  const uploaded = await fetch(`${server.url}/v1/bots/${bot}/sources`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}` },
    body: form,
  });
  const ids = [((await uploaded.json()) as { id: string }).id];
  ids.push((await sources.add(bot, { type: 'text', title: 'zanzibarword', text })).id);
  ids.push((await sources.add(bot, { type: 'site', url: `${site.origin}/a` })).id);
  await sources.settled(bot, ids[0] ?? '');
  // a refresh leaves versions behind that are gone, too
  for (const id of ids) await sources.refresh(bot, id);
  for (const id of ids) expect((await server.send('DELETE', sources.path(bot, id))).status).toBe(200);
  const tables = ['source_contents', 'source_bytes', 'source_pages', 'chunks', 'postings', 'retired_versions'];
  for (const table of tables) {
    const list = ids.map((id) => `'${id}'`).join(', ');
    await expect.poll(() => server.query(`select 1 from ${table} where source_id in (${list})`)).toEqual([]);
  }
  await server.stop();
  await site.close();
  expect(await foundInFiles(server, ['zanzibarword'])).toEqual([]);
  await rm(server.dataDir, { recursive: true });
});

it.each(['source', 'bot'])('leaves none of the words of a deleted %s in them while the server runs', async (what) => {
  const server = await boot();
  const sources = sourcesOf(server);
  const bot = await server.makeBot();
  const text = Array.from({ length: 200 }, (_, at) => `# Item ${at}\nIt is made of wool, says zanzibarword ${at}.`);
  const { id } = await sources.add(bot, { type: 'text', title: 'zanzibarword', text: text.join('\n') });
  const found = () => foundInFiles(server, ['zanzibarword']);
  expect(await found()).not.toEqual([]);
  const { version } = (await server.send('GET', `/v1/bots/${bot}`)).body;
  const path = what === 'bot' ? `/v1/bots/${bot}` : sources.path(bot, id);
  const headers = what === 'bot' ? { 'if-match': `"${version}"` } : {};
  expect((await server.send('DELETE', path, { headers })).status).toBe(200);
  await expect.poll(found, { interval: 200 }).toEqual([]);
  await server.close();
});
