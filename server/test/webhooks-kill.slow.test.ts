import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { apiClient } from './api-client.ts';
import { commandLine } from './command-line.ts';
import { startReceiver } from './webhook-receiver.ts';

/** Messages of the test; each begins a conversation and ends a turn, so there are twice as many events. */
const messages = 40;
const kills = 4;

it('a server that is killed in the middle of its deliveries loses none, and repeats them with the same id', async () => {
  const receiver = await startReceiver();
  const parley = commandLine();
  try {
    const serve = () => parley.serve({ PARLEY_OUTBOUND_ALLOW: receiver.origin });
    let server = await serve();
    const key = /prl_live_\w+/.exec(server.output())?.[0] ?? '';
    let client = apiClient(server.url, key);
    const { body: bot } = await client.send('POST', '/v1/bots', { body: { name: 'Bot', model: 'builtin' } });
    const { body: hook } = await client.send('POST', '/v1/webhook_endpoints', {
      body: { url: receiver.origin, events: ['turn.completed', 'conversation.created'] },
    });
    const accepted = new Set<string>();
    for (let round = 0; round < kills; round += 1) {
      // the first answers of each round are never given: these attempts are under way when the server dies
      const silentUntil = receiver.received.length + 3;
      receiver.use(() => (receiver.received.length <= silentUntil ? null : { status: 204 }));
      const sent = Array.from({ length: messages / kills }, async () => {
        const { status, body } = await client.send('POST', '/v1/chat', { body: { bot_id: bot.id, message: 'Hello' } });
        if (status === 200) accepted.add(body.id as string).add(body.conversation_id as string);
      });
      await Promise.allSettled(sent);
      await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBeGreaterThan(silentUntil);
      await server.end('SIGKILL');
      receiver.use(() => ({ status: 204 }));
      server = await serve();
      client = apiClient(server.url, key);
    }
    expect(accepted.size).toBe(2 * messages);
    const arrived = () => new Set(receiver.received.map(({ body }) => body.data.id as string));
    await expect.poll(() => accepted.difference(arrived()).size, { timeout: 60_000 }).toBe(0);
    const pending = `/v1/webhook_endpoints/${hook.id}/deliveries?status=pending`;
    await expect
      .poll(async () => (await client.send('GET', pending)).body.data.length as number, { timeout: 60_000 })
      .toBe(0);
    const idsBySubject = Map.groupBy(receiver.received, ({ body }) => body.data.id as string);
    for (const calls of idsBySubject.values()) {
      expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    }
    expect(receiver.received.length).toBeGreaterThan(accepted.size);
    const last = receiver.received.at(-1)!;
    new Webhook(hook.secret as string).verify(last.text, last.headers as Record<string, string>);
  } finally {
    await parley.cleanUp();
    await receiver.close();
  }
});
