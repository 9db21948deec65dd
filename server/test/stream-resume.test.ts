import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiClient, type EventReader } from './api-client.ts';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Whoever reads a turn's stream, from whichever event and at whatever time, gets the same bytes. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;
let held: ProviderCall[];

/** Letters of all lengths, line ends, and what JSON and event streams have marks for. */
const pieces = Array.from({ length: 24 }, (_, at) => `${at} ю👋\u2028\u2029\u0085 "quoted"\n\ndata: x\r\n\\ `);

beforeAll(async () => {
  held = [];
  provider = await startScriptedProvider((call) => void held.push(call));
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot();
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

type Begun = { reader: EventReader; turnId: string; call: ProviderCall };

/** A stream whose turn waits for the test to go on. */
const begin = async (message: string, on: { server: Server; bot: string } = { server, bot }): Promise<Begun> => {
  const before = held.length;
  const body = { bot_id: on.bot, message, stream: true };
  const reader = await on.server.open('POST', '/v1/chat', { body });
  const { data } = await reader.until('turn.started');
  await expect.poll(() => held.length, { timeout: 10_000 }).toBe(before + 1);
  return { reader, turnId: data.turn_id as string, call: held[before]! };
};

const saidSoFar = (reader: EventReader, events: number): Promise<void> =>
  expect.poll(() => reader.events.length, { timeout: 10_000 }).toBe(events);

/** Says one piece, and waits until a reader has it: so every piece is an event. */
const say = async (call: ProviderCall, reader: EventReader, piece: string): Promise<void> => {
  const { length } = reader.events;
  call.say(piece);
  await saidSoFar(reader, length + 1);
};

const pathOf = (turnId: string): string => `/v1/turns/${turnId}/stream`;
/** Signs of life come when they come, and are no events. */
const bytesOf = (reader: Pick<EventReader, 'raw'>): string => reader.raw().replaceAll(/^:\n\n/gm, '');
const framesOf = (reader: EventReader): string[] => bytesOf(reader).split(/(?<=\n\n)/);

/** What a reader must get that has seen the event at this index: the rest, or the last one again. */
const restAfter = (frames: readonly string[], at: number): string =>
  frames.slice(Math.min(at + 1, frames.length - 1)).join('');

const openAll = (turnId: string, ids: readonly string[]): Promise<EventReader[]> =>
  Promise.all(ids.map((id) => server.open('GET', pathOf(turnId), { headers: { 'last-event-id': id } })));

describe('a reader that goes on from an event', () => {
  it('goes by its header where its address names an older event, as a browser that reconnects', async () => {
    const { reader, turnId, call } = await begin('both');
    for (const piece of pieces.slice(0, 4)) await say(call, reader, piece);
    const headers = { 'last-event-id': reader.events[3]?.id ?? '' };
    const again = await server.open('GET', `${pathOf(turnId)}?after=1-1`, { headers });
    call.end();
    await Promise.all([reader.done, again.done]);
    expect(bytesOf(again)).toBe(restAfter(framesOf(reader), 3));
  });

  it('gets the rest byte for byte, from every event, while the turn runs and at its end', async () => {
    const { reader, turnId, call } = await begin('running');
    for (const piece of pieces) await say(call, reader, piece);
    const seen = reader.events.map(({ id }) => id);
    const early = await openAll(turnId, seen);
    call.say('The last word.');
    call.end();
    await Promise.all([reader, ...early].map(({ done }) => done));
    const frames = framesOf(reader);
    expect(frames).toHaveLength(pieces.length + 3);
    expect(early.map(bytesOf)).toEqual(seen.map((_id, at) => restAfter(frames, at)));
  });

  it(
    'gets it from the stored log as well, also from a server that was started since',
    { timeout: 60_000 },
    async () => {
      const first = await boot({ providerUrl: provider.url });
      const { reader, turnId, call } = await begin('stored', { server: first, bot: await first.makeBot() });
      for (const piece of pieces) await say(call, reader, piece);
      call.end();
      await reader.done;
      const ids = reader.events.map(({ id }) => id);
      const rests = ids.map((_id, at) => restAfter(framesOf(reader), at));
      const readRests = async ({ url }: Server): Promise<string[]> => {
        const client = apiClient(url, first.key);
        const reads = ids.map((id) => client.send('GET', pathOf(turnId), { headers: { 'last-event-id': id } }));
        return (await Promise.all(reads)).map(({ text }) => text);
      };
      expect(await readRests(first)).toEqual(rests);
      await first.stop();
      const next = await boot({ providerUrl: provider.url, dataDir: first.dataDir });
      expect(await readRests(next)).toEqual(rests);
      await next.close();
    },
  );
});

it('an event has no sign in it that a client could take for the end of a line', async () => {
  const { reader, call } = await begin('separators');
  for (const piece of pieces) await say(call, reader, piece);
  call.end();
  await reader.done;
  expect(reader.raw()).not.toMatch(/[\u0085\u2028\u2029]/);
  expect(reader.events.at(-1)?.data.reply.content).toBe(pieces.join(''));
});

describe('readers of one turn', () => {
  it.each([1, 10, 100])('get the same bytes, %i of them, whenever they come', async (count) => {
    const { reader, turnId, call } = await begin(`for ${count}`);
    const readers: EventReader[] = [];
    for (const [at, piece] of pieces.entries()) {
      const due = Math.ceil((count * (at + 1)) / pieces.length) - readers.length;
      const joining = Array.from({ length: due }, () => server.open('GET', pathOf(turnId)));
      readers.push(...(await Promise.all(joining)));
      await say(call, reader, piece);
    }
    call.end();
    await Promise.all([reader, ...readers].map(({ done }) => done));
    expect(readers).toHaveLength(count);
    expect(new Set(readers.map(bytesOf))).toEqual(new Set([bytesOf(reader)]));
    expect(reader.events.at(-1)?.data.reply.content).toBe(pieces.join(''));
  });
});
