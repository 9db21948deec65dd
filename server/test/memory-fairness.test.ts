import { describe, expect, it } from 'vitest';
import { boot } from './boot.ts';
import { type ProviderCall, saying, type Script, startScriptedProvider } from './scripted-provider.ts';

/** What is remembered for one workspace while another has more to remember than can be done. */

const isFactCall = ({ messages }: ProviderCall): boolean =>
  messages[0]?.content.includes('note the lasting facts') ?? false;
const isSummaryCall = ({ messages }: ProviderCall): boolean =>
  messages[0]?.content.includes('keep the summary') ?? false;

it('a conversation of a small workspace is summarised while a large one has as many jobs waiting as it may', async () => {
  const held: (() => void)[] = [];
  let isOver = false;
  const provider = await startScriptedProvider(async (call, count) => {
    if (isFactCall(call) && !isOver) await new Promise<void>((resolve) => held.push(resolve));
    const text = isFactCall(call) ? '{"facts":[]}' : isSummaryCall(call) ? 'They spoke of wool.' : 'Good day.';
    return saying(text)(call, count);
  });
  const server = await boot({ providerUrl: provider.url, memoryQuietMs: 1, plan: { memory_messages: 6 } });
  const large = server.firstRun?.workspaceId ?? '';
  const waitingOf = async (workspaceId: string): Promise<number> => {
    const [row] = await server.query(
      `select count(*) as jobs from jobs
        where kind = 'remember-conversation' and status = 'waiting' and workspace_id = '${workspaceId}'`,
    );
    return Number(row?.['jobs']);
  };
  const bot = await server.makeBot();
  for (let at = 0; at < 60; at++) {
    await server.send('POST', '/v1/chat', {
      body: { bot_id: bot, user_id: `user-${at}`, message: 'I live in Batumi.' },
    });
  }
  await expect.poll(() => held.length).toBe(2);
  await expect.poll(() => waitingOf(large)).toBe(50);

  const { body: client } = await server.send('POST', '/v1/workspaces', { body: { name: 'Small' } });
  const headers = { 'parley-workspace': client.id };
  const body = { name: 'Bot', model: 'test/any' };
  const { body: own } = await server.send('POST', '/v1/bots', { headers, body });
  let place: Record<string, string> = {};
  for (let at = 0; at < 6; at++) {
    const message = { bot_id: own.id, message: `Message ${at} about wool.`, ...place };
    const { body: turn } = await server.send('POST', '/v1/chat', { headers, body: message });
    place = { conversation_id: turn.conversation_id };
  }
  await expect.poll(() => waitingOf(client.id)).toBe(1);
  expect(await waitingOf(large)).toBe(50);

  // one of the two that are at work ends, and the next in turn is of the small one
  held.shift()?.();
  await expect
    .poll(() =>
      server.query(`select summary from conversation_memories where conversation_id = '${place['conversation_id']}'`),
    )
    .toMatchObject([{ summary: 'They spoke of wool.' }]);
  expect(await waitingOf(large)).toBeGreaterThan(40);

  isOver = true;
  for (const release of held) release();
  await server.close();
  await provider.close();
});

it('what a dead process left is looked after in a small workspace, too, while a large one has its limit waiting', async () => {
  const provider = await startScriptedProvider((call, count) =>
    saying(isFactCall(call) ? '{"facts":[{"message":1,"name":"city","value":"Batumi"}]}' : 'Good day.')(call, count),
  );
  const died = await boot({ providerUrl: provider.url });
  const { body: client } = await died.send('POST', '/v1/workspaces', { body: { name: 'Small' } });
  const large = died.firstRun?.workspaceId ?? '';
  const headers = { 'parley-workspace': client.id as string };
  for (const place of [{}, { headers }]) {
    const { body: bot } = await died.send('POST', '/v1/bots', { ...place, body: { name: 'Bot', model: 'test/any' } });
    const body = { bot_id: bot.id, user_id: 'left', message: 'I live in Batumi.' };
    await died.send('POST', '/v1/chat', { ...place, body });
  }
  await died.stop();
  await died.write("delete from jobs where kind in ('remember-conversation', 'sweep-memory')");
  await died.write('update turn_records set ended_at = ended_at - 600000');
  const due = Date.now() + 3_600_000;
  const rows = Array.from(
    { length: 50 },
    (_, at) => `('job_${at}', '${large}', 'remember-conversation', '{}', 'waiting', ${due}, 0, 0, ${due})`,
  );
  await died.write(
    `insert into jobs (id, workspace_id, kind, payload, status, run_at, fence, attempts, created_at) values ${rows.join(', ')}`,
  );
  const next = await boot({ providerUrl: provider.url, dataDir: died.dataDir });
  await expect
    .poll(async () => (await next.send('GET', '/v1/users/left', { headers, key: died.key })).body.facts)
    .toMatchObject([{ name: 'city', value: 'Batumi' }]);
  expect((await next.send('GET', '/v1/users/left', { key: died.key })).body.facts).toEqual([]);
  await next.close();
  await provider.close();
});

describe('of a workspace with more conversations than may wait, all are remembered', () => {
  const conversations = 130;
  const answer: Script = (call, count) =>
    saying(isFactCall(call) ? '{"facts":[{"message":1,"name":"city","value":"Batumi"}]}' : 'Good day.')(call, count);
  /** A process with all of them in mind, and what it was asked on. */
  const setUp = async () => {
    const provider = await startScriptedProvider(answer);
    const server = await boot({ providerUrl: provider.url });
    const bot = await server.makeBot();
    const users = Array.from({ length: conversations }, (_, at) => `user-${at}`);
    await Promise.all(
      users.map((user) =>
        server.send('POST', '/v1/chat', { body: { bot_id: bot, user_id: user, message: 'I live in Batumi.' } }),
      ),
    );
    const reboot = () => boot({ providerUrl: provider.url, dataDir: server.dataDir });
    return { provider, server, reboot };
  };
  const rememberedOf = async ({ query }: { query: (sql: string) => Promise<Record<string, unknown>[]> }) =>
    (await query("select count(*) as users from users where facts like '%Batumi%'")).map(({ users }) => Number(users));

  it('after a stop', async () => {
    const { provider, server, reboot } = await setUp();
    await server.stop();
    const next = await reboot();
    await expect.poll(() => rememberedOf(next), { timeout: 45_000 }).toEqual([conversations]);
    await next.close();
    await provider.close();
  });

  it('after a crash', async () => {
    const { provider, server, reboot } = await setUp();
    await server.stop();
    await server.write("delete from jobs where kind in ('remember-conversation', 'sweep-memory')");
    await server.write('update turn_records set ended_at = ended_at - 600000');
    const next = await reboot();
    await expect.poll(() => rememberedOf(next), { timeout: 45_000 }).toEqual([conversations]);
    // and the sweep, which has waited for room, is at its end
    await expect
      .poll(() => next.query("select status from jobs where kind = 'sweep-memory'"), { timeout: 30_000 })
      .toEqual([]);
    await next.close();
    await provider.close();
  });
});
