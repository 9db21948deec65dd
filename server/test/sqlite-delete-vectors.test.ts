import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { boot } from './boot.ts';
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
  const holding = async (): Promise<string[]> => {
    const files = (await readdir(server.dataDir)).filter((name) => name.startsWith('parley.db'));
    const found = await Promise.all(
      files.map(async (name) => (await readFile(join(server.dataDir, name))).includes(storedVectorOf(text))),
    );
    return files.filter((_, at) => found[at]);
  };
  await expect.poll(holding).not.toEqual([]);
  expect((await server.send('DELETE', `/v1/bots/${bot}/sources/${body['id'] as string}`)).status).toBe(200);
  await expect.poll(() => server.query(`select 1 from vectors where bot_id = '${bot}'`)).toEqual([]);
  await server.stop();
  expect(await holding()).toEqual([]);
  await provider.close();
  await rm(server.dataDir, { recursive: true });
});
