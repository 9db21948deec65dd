import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { apiClient } from './api-client.ts';
import { commandLine } from './command-line.ts';
import { type Received, startReceiver } from './webhook-receiver.ts';

/** Messages of the test; each begins a conversation and ends a turn, so there are twice as many events. */
const messages = 40;
const kills = 4;
/** Attempts of each round that are never answered, and so are under way when the server dies. */
const silentPerRound = 3;

const idOf = ({ headers }: Received): string => String(headers['webhook-id']);
const subjectOf = ({ body }: Received): string => body.data.id as string;

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
    const answered: Received[] = [];
    /** Which event it was, and how many attempts had been answered by then. */
    const silent: { id: string; answeredBefore: number }[] = [];
    const answer = (call: Received) => {
      answered.push(call);
      return { status: 204 };
    };
    for (let round = 0; round < kills; round += 1) {
      const silentUntil = silent.length + silentPerRound;
      receiver.use((call) => {
        if (silent.length >= silentUntil) return answer(call);
        silent.push({ id: idOf(call), answeredBefore: answered.length });
        return null;
      });
      const sent = Array.from({ length: messages / kills }, async () => {
        const { status, body } = await client.send('POST', '/v1/chat', { body: { bot_id: bot.id, message: 'Hello' } });
        if (status === 200) accepted.add(body.id as string).add(body.conversation_id as string);
      });
      await Promise.allSettled(sent);
      await expect.poll(() => silent.length, { timeout: 30_000 }).toBe(silentUntil);
      await server.end('SIGKILL');
      receiver.use(answer);
      server = await serve();
      client = apiClient(server.url, key);
    }
    expect(accepted.size).toBe(2 * messages);
    // what nobody was told of the fate of comes again: from the outbox or as a delivery, once the dead server's claim ends
    const lost = () =>
      silent.filter(({ id, answeredBefore }) => !answered.slice(answeredBefore).some((call) => idOf(call) === id));
    await expect.poll(() => lost().length, { timeout: 60_000 }).toBe(0);
    const arrived = () => new Set(answered.map(subjectOf));
    await expect.poll(() => accepted.difference(arrived()).size, { timeout: 60_000 }).toBe(0);
    const pending = `/v1/webhook_endpoints/${hook.id}/deliveries?status=pending`;
    await expect
      .poll(async () => (await client.send('GET', pending)).body.data.length as number, { timeout: 60_000 })
      .toBe(0);
    for (const calls of Map.groupBy(receiver.received, subjectOf).values()) {
      expect(new Set(calls.map(idOf)).size).toBe(1);
    }
    const last = receiver.received.at(-1)!;
    new Webhook(hook.secret as string).verify(last.text, last.headers as Record<string, string>);
  } finally {
    await parley.cleanUp();
    await receiver.close();
  }
});
