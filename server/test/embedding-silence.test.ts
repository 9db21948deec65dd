import { expect, it } from 'vitest';
import { boot } from './boot.ts';
import { startEmbeddingsProvider } from './embeddings-provider.ts';
import { saying, startScriptedProvider } from './scripted-provider.ts';

it('what is said in one workspace is remembered while the embedding model is silent over what others have added', async () => {
  const embeddings = await startEmbeddingsProvider();
  embeddings.failWith(() => 'silence');
  const provider = await startScriptedProvider((call, count) => {
    const isFactCall = call.messages[0]?.content.includes('note the lasting facts') ?? false;
    return saying(isFactCall ? '{"facts":[{"message":1,"name":"city","value":"Batumi"}]}' : 'Good day.')(call, count);
  });
  const server = await boot({
    providerUrl: provider.url,
    memoryQuietMs: 1,
    env: { PARLEY_PROVIDER_LOCAL_URL: embeddings.url, PARLEY_EMBEDDINGS: 'local/e5' },
  });
  const { body: client } = await server.send('POST', '/v1/workspaces', { body: { name: 'Other' } });
  const headers = { 'parley-workspace': client.id as string };

  // of two workspaces, each of which would have its turn before more of the other
  for (const place of [{}, { headers }, {}, { headers }]) {
    const { body: bot } = await server.send('POST', '/v1/bots', { ...place, body: { name: 'Bot', model: 'test/any' } });
    const body = { type: 'text', title: 'Notes', text: `The shop of ${bot.id as string} opens at nine.` };
    await server.send('POST', `/v1/bots/${bot.id as string}/sources`, { ...place, body });
  }
  const embedding = "select id from jobs where kind = 'embed-source' and status = 'running'";
  await expect.poll(() => server.query(embedding)).toHaveLength(2);
  await expect.poll(() => embeddings.calls.length).toBeGreaterThanOrEqual(2);

  const { body: third } = await server.send('POST', '/v1/workspaces', { body: { name: 'Third' } });
  const inThird = { headers: { 'parley-workspace': third.id as string } };
  const { body: bot } = await server.send('POST', '/v1/bots', { ...inThird, body: { name: 'Bot', model: 'test/any' } });
  const body = { bot_id: bot.id, user_id: 'ana', message: 'I live in Batumi.' };
  await server.send('POST', '/v1/chat', { ...inThird, body });
  await expect
    .poll(async () => (await server.send('GET', '/v1/users/ana', inThird)).body.facts)
    .toMatchObject([{ name: 'city', value: 'Batumi' }]);
  expect(await server.query(embedding)).toHaveLength(2);

  await server.close();
  await provider.close();
  await embeddings.close();
});
