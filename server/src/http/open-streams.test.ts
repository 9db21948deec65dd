import fastify from 'fastify';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Principal } from '../core/access/principal.ts';
import type { Turn } from '../core/turn/turn.ts';
import { TurnLog } from '../core/turn/turn-log.ts';
import { streamTurnLog } from './event-stream.ts';
import { OpenStreams } from './open-streams.ts';

const heartbeatMs = 15_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const openStream = (streams: OpenStreams) => {
  const stream = { beat: vi.fn<() => void>(), close: vi.fn<() => void>() };
  const slot = streams.reserve('ws_1', null);
  slot.attach(stream);
  return { ...stream, slot };
};

it('every open stream gives a sign of life every 15 seconds, on one timer, and a closed one no more', () => {
  const streams = new OpenStreams();
  const [one, other] = [openStream(streams), openStream(streams)];
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(heartbeatMs - 1);
  expect(one.beat).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect([one.beat.mock.calls.length, other.beat.mock.calls.length]).toEqual([1, 1]);
  one.slot.release();
  vi.advanceTimersByTime(heartbeatMs);
  expect([one.beat.mock.calls.length, other.beat.mock.calls.length]).toEqual([1, 2]);
  other.slot.release();
  expect(vi.getTimerCount()).toBe(0);
});

it('a sign of life is a comment, which no reader takes for an event', async () => {
  const streams = new OpenStreams();
  const turn = { id: 'turn_1', conversationId: 'conv_1', botId: 'bot_1', userId: null } as Turn;
  const log = new TurnLog(turn.id, 1);
  log.append({ type: 'started' });
  const http = fastify({ forceCloseConnections: true });
  http.get('/', (_request, reply) => {
    const principal = { kind: 'key', workspaceId: 'ws_1' } as Principal;
    const slot = streams.reserve('ws_1', null);
    streamTurnLog(reply, log, { principal, turn, after: null, slot, reopen: () => Promise.resolve(log) });
    return reply;
  });
  const response = await fetch(await http.listen({ port: 0, host: '127.0.0.1' }));
  let text = '';
  const read = (async () => {
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) text += part;
  })();
  await expect.poll(() => text).toMatch(/^id: 1-1\nevent: turn\.started\ndata: .*\n\n$/);
  const before = text;
  vi.advanceTimersByTime(heartbeatMs);
  await expect.poll(() => text).toBe(`${before}:\n\n`);
  streams.closeAll();
  await read;
  await http.close();
});
