import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { boot } from './boot.ts';
import { foundInFiles } from './database-files.ts';
import { startEmbeddingsProvider, storedVectorOf } from './embeddings-provider.ts';

it('leaves no vector of a deleted source in the files of the database', async () => {
  const provider = await startEmbeddingsProvider();
  const server = await boot({
    env: { PARLEY_PROVIDER_LOCAL_URL: provider.url, PARLEY_EMBEDDINGS: 'local/e5' },
  });
  const bot = await server.makeBot();
  const text = 'Zanzibar is an island of spices.';
  const { body } = await server.send('POST', `/v1/bots/${bot}/sources`, {
    body: { type: 'text', title: 'Notes', text },
  });
  const found = () => foundInFiles(server, [storedVectorOf(text)]);
  await expect.poll(found).not.toEqual([]);
  expect((await server.send('DELETE', `/v1/bots/${bot}/sources/${body['id'] as string}`)).status).toBe(200);
  await expect.poll(() => server.query(`select 1 from vectors where bot_id = '${bot}'`)).toEqual([]);
  await server.stop();
  expect(await found()).toEqual([]);
  await provider.close();
  await rm(server.dataDir, { recursive: true });
});
