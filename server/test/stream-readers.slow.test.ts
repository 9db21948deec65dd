import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Principal } from '../src/core/access/principal.ts';
import type { Turn } from '../src/core/turn/turn.ts';
import { TurnLog } from '../src/core/turn/turn-log.ts';
import { connectionBufferBytes, streamTurnLog } from '../src/http/event-stream.ts';
import { parseStreamPlace } from '../src/http/stream-place.ts';
import { OpenStreams } from '../src/http/open-streams.ts';

/** What readers that are slow, or leave, hold of the server: seen from inside, over real sockets. */

const turn = {
  id: 'turn_1',
  conversationId: 'conv_1',
  botId: 'bot_1',
  botVersion: 1,
  userId: null,
  status: 'running',
  finishReason: null,
  errorCode: null,
  model: null,
  inputTokens: 0,
  outputTokens: 0,
  charged: 0,
  createdAt: 0,
  completedAt: null,
} as Partial<Turn> as Turn;
const principal = { kind: 'key', workspaceId: 'ws_1' } as Principal;
const workspaceId = 'ws_1';

let log: TurnLog;
let streams: OpenStreams;
let http: FastifyInstance;
/** Of every stream that was begun. */
let responses: ServerResponse[];

beforeEach(async () => {
  log = new TurnLog(turn.id, 1);
  log.append({ type: 'started' });
  streams = new OpenStreams();
  responses = [];
  http = fastify({ forceCloseConnections: true, http: { highWaterMark: connectionBufferBytes } });
  http.get<{ Querystring: { after?: string } }>('/', (request, reply) => {
    responses.push(reply.raw);
    const { after } = request.query;
    const slot = streams.reserve(workspaceId, null);
    streamTurnLog(reply, log, {
      principal,
      turn,
      after: after === undefined ? null : parseStreamPlace(after),
      slot,
      reopen: () => Promise.resolve(log),
    });
    return reply;
  });
  await http.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => http.close());

const port = (): number => (http.server.address() as AddressInfo).port;

/** A connection of its own, which sends a request unless told otherwise, and reads nothing until it is told to. */
const dial = async (query = ''): Promise<Socket> => {
  const socket = connect(port(), '127.0.0.1').pause();
  // the server may end it at any moment; that is what these tests are about
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`GET /${query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  return socket;
};

/** Everything that comes on a connection until its end, without the framing of HTTP. */
const readAll = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  return body.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/g, '').replace(/\r\n0?$/, '');
};

const connections = (): Promise<number> =>
  new Promise((resolve, reject) => {
    http.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });

it('one slice is all that a reader holds who takes nothing; others get theirs, and it is cut and may go on', async () => {
  const slow = await Promise.all(Array.from({ length: 100 }, () => dial()));
  await expect.poll(() => log.readerCount, { timeout: 20_000 }).toBe(slow.length);
  const stalled = [...responses];
  // far more than a connection takes by itself
  const events = 20_000;
  for (let at = 0; at < events; at += 1) log.append({ type: 'delta', text: `${at} `.padEnd(1_000, '.') });
  const fast = await dial();
  let seen = '';
  fast.setEncoding('utf8').on('data', (part: string) => (seen = seen.slice(-2_000) + part));
  fast.resume();
  await expect.poll(() => seen.includes(`"${events - 1} .`), { timeout: 60_000 }).toBe(true);

  const held = Math.max(...stalled.map((response) => response.writableLength));
  // a slice, and the event that it ends with
  expect(held).toBeLessThanOrEqual(connectionBufferBytes + 2_000);
  expect(stalled.filter((response) => response.destroyed)).toEqual([]);
  await expect
    .poll(() => stalled.every((response) => response.destroyed), { timeout: 120_000, interval: 500 })
    .toBe(true);
  expect([log.readerCount, streams.size, await connections()]).toEqual([1, 1, 1]);

  // what had left the server is whole up to some event, and behind it the rest is to be had
  const got = await readAll(slow[0]!);
  const whole = got.slice(0, got.lastIndexOf('\n\n') + 2);
  const lastId = [...whole.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '';
  expect(parseStreamPlace(lastId).n).toBeLessThan(events);
  log.append({
    type: 'ended',
    result: { turn: { ...turn, status: 'cancelled', finishReason: 'cancelled' }, reply: null },
  });
  const [rest, all] = await Promise.all([readAll(await dial(`?after=${lastId}`)), readAll(await dial())]);
  expect(whole + rest === all).toBe(true);
});

/** How a reader comes and goes; each leaves at another moment. */
const comings: readonly (() => Promise<void>)[] = [
  // before it has asked for anything
  async () => {
    const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    socket.destroy();
  },
  // behind its request
  async () => void (await dial()).destroy(),
  async () => void (await dial()).resetAndDestroy(),
  // when the first events are there
  async () => {
    const socket = await dial();
    await once(socket.resume(), 'data');
    socket.destroy();
  },
  async () => {
    const socket = await dial();
    await once(socket.resume(), 'data');
    socket.resetAndDestroy();
  },
  // by a close that is told of, while more is on its way
  async () => {
    const socket = await dial('?after=1-1');
    log.append({ type: 'delta', text: 'more' });
    await once(socket.resume(), 'data');
    socket.end();
    await once(socket, 'close');
  },
];

it('10,000 readers that come and leave, at any moment, leave nothing behind', async () => {
  const resources = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  };
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const stays = await dial();
  await expect.poll(() => log.readerCount, { timeout: 10_000 }).toBe(1);
  const before = resources();

  let left = 10_000;
  const come = async (): Promise<void> => {
    for (let number = left--; number > 0; number = left--) await comings[number % comings.length]!();
  };
  await Promise.all(Array.from({ length: 20 }, come));

  await expect
    .poll(async () => [log.readerCount, streams.size, await connections()], { timeout: 60_000 })
    .toEqual([1, 1, 1]);
  expect(responses.length).toBeGreaterThan(5_000);
  await expect.poll(() => resources()['TCPSocketWrap'], { timeout: 30_000 }).toBe(before['TCPSocketWrap']);
  await expect.poll(() => resources()['Timeout'] ?? 0, { timeout: 60_000 }).toBeLessThanOrEqual(before['Timeout'] ?? 0);
  process.off('warning', note);
  expect(warnings).toEqual([]);
  stays.destroy();
  await expect.poll(() => [log.readerCount, streams.size], { timeout: 10_000 }).toEqual([0, 0]);
  // every place was given back: one is all that the next reader needs
  expect(() => streams.reserve(workspaceId, 1).release()).not.toThrow();
});
