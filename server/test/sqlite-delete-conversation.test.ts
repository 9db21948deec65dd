import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { boot } from './boot.ts';

it('leaves none of the words of a deleted conversation in the files of the database', async () => {
  const server = await boot();
  const bot = await server.makeBot();
  const chat = { bot_id: bot, message: 'A question nobody may find' };
  const { conversation_id: id } = (await server.send('POST', '/v1/chat', { body: chat })).body;
  await server.send('DELETE', `/v1/conversations/${id}`);
  const left = () => server.query(`select 1 from conversations where id = '${id}'`);
  await expect.poll(left).toEqual([]);
  await server.stop();
  const files = (await readdir(server.dataDir)).filter((name) => name.startsWith('parley.db'));
  expect(files).toContain('parley.db');
  for (const name of files) {
    const bytes = await readFile(join(server.dataDir, name), 'latin1');
    expect(bytes).not.toContain('nobody may find');
  }
  await rm(server.dataDir, { recursive: true });
});
