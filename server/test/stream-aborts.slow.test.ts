import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Callers that leave at any moment of a message's way: what was accepted is answered and charged, and no place is lost. */

const places = 40;
const callers = 500;
const callersAtOnce = 20;

let provider: ScriptedProvider;
let server: Server;
let bot: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('Nobody may be there to read this.'));
  server = await boot({
    providerUrl: provider.url,
    plan: { messages_per_month: 1_000_000, concurrent_streams: places },
  });
  bot = await server.makeBot();
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

/** Sends a message over a connection of its own, as much of the request as `until` lets. */
const dial = async (number: number, { whole }: { whole: boolean }): Promise<Socket> => {
  const body = JSON.stringify({
    bot_id: bot,
    message: `from ${number}`,
    user_id: `user ${number}`,
    stream: number % 2 === 0,
  });
  const head = [
    'POST /v1/chat HTTP/1.1',
    'host: x',
    `authorization: Bearer ${server.key}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `idempotency-key: ${number}`,
    'connection: close',
  ];
  const request = `${head.join('\r\n')}\r\n\r\n${body}`;
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(whole ? request : request.slice(0, -10));
  return socket;
};

/** Resolves once anything has come, or the connection is gone. */
const anything = (socket: Socket): Promise<unknown> => Promise.race([once(socket, 'data'), once(socket, 'close')]);

const leavings: readonly ((number: number) => Promise<void>)[] = [
  async (number) => void (await dial(number, { whole: false })).destroy(),
  async (number) => void (await dial(number, { whole: true })).destroy(),
  async (number) => void (await dial(number, { whole: true })).resetAndDestroy(),
  async (number) => {
    const socket = await dial(number, { whole: true });
    await anything(socket);
    socket.resetAndDestroy();
  },
  async (number) => {
    const socket = await dial(number, { whole: true });
    await anything(socket);
    socket.end();
    if (!socket.closed) await once(socket.resume(), 'close');
  },
];

it('hundreds of callers who leave lose no message, no place and no reservation', async () => {
  let next = 0;
  const come = async (): Promise<void> => {
    for (let number = next++; number < callers; number = next++) await leavings[number % leavings.length]!(number);
  };
  await Promise.all(Array.from({ length: callersAtOnce }, come));

  const read = async () => (await server.send('GET', '/v1/usage')).body.messages;
  const countOf = async (condition: string): Promise<number> =>
    Number((await server.query(`select count(*) as count from turns where ${condition}`))[0]?.['count']);
  await expect.poll(() => countOf("status in ('queued', 'running')"), { timeout: 60_000, interval: 200 }).toBe(0);
  await expect.poll(async () => (await read()).reserved, { timeout: 60_000, interval: 200 }).toBe(0);
  const completed = await countOf("status = 'completed'");
  expect([await countOf('1 = 1'), (await read()).used]).toEqual([completed, completed]);
  // those who waited for an answer were all accepted
  expect(completed).toBeGreaterThanOrEqual((callers * 2) / leavings.length / 2);
  expect(provider.calls).toHaveLength(completed);

  // a call that comes again finds the turn that was made, or makes the one that was not
  const again = await server.send('POST', '/v1/chat', {
    body: { bot_id: bot, message: 'from 1', user_id: 'user 1', stream: false },
    headers: { 'idempotency-key': '1' },
  });
  expect([again.status, again.body.status]).toEqual([200, 'completed']);

  // exactly as many streams as the plan allows are open at once, so no place was lost
  const held: ProviderCall[] = [];
  provider.use((call) => void held.push(call));
  const open = () => server.open('POST', '/v1/chat', { body: { bot_id: bot, message: 'Hold', stream: true } });
  const readers = await Promise.all(Array.from({ length: places }, open));
  expect(readers.map(({ response }) => response.status)).toEqual(readers.map(() => 200));
  const refused = await open();
  await refused.done;
  expect(refused.response.status).toBe(429);
  await expect.poll(() => held.length, { timeout: 20_000 }).toBe(places);
  for (const call of held) {
    call.say('Now.');
    call.end();
  }
  await Promise.all(readers.map(({ done }) => done));
});
