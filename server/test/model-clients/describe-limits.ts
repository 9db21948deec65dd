import { getEventListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { describe, expect, it } from 'vitest';
import type { ChatModel } from '../../src/core/turn/chat-model.ts';
import { askModel, modelRequest } from '../ask-model.ts';
import { head, reset, send, sendJson, sendSlowly, stall } from '../fault-provider.ts';
import type { ClientRow } from './client-row.ts';
import { faultKey, setUpFaults } from './fault-setup.ts';

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

/** Limits on time, the abort, and what is left behind; the same for every client. */
export const describeLimits = (row: ClientRow): void => {
  const { wire } = row;
  const half = [...wire.begin(), wire.text('Half')];
  const whole = [...half, ...wire.finish(), ...wire.last];
  const setup = setUpFaults(row);

  /** A client whose connections are never made. */
  const createUnreachable = (): ChatModel => {
    const dispatcher = new Pool(new URL(setup.provider.url).origin, { connect: () => undefined });
    return row.create({ baseUrl: setup.provider.url, key: faultKey, dispatcher });
  };

  describe('a limit on time', () => {
    it.each([
      ['first_token', 'when nothing comes', stall(), { firstTokenMs: 80 }],
      ['first_token', 'when only headers come', stall(head()), { firstTokenMs: 80 }],
      [
        'first_token',
        'when only comments come',
        sendSlowly(20, head(), ...times(20, ': ping\n\n')),
        { firstTokenMs: 80 },
      ],
      [
        'first_token',
        'when only signs of life come',
        sendSlowly(20, head(), ...wire.begin(), ...times(20, wire.idle)),
        { firstTokenMs: 80 },
      ],
      ['idle', 'when a piece is the last', stall(head(), ...half), { idleMs: 80 }],
      [
        'idle',
        'when bytes trickle',
        sendSlowly(20, head(), ...half, ...Array.from('data: {"choices":')),
        { idleMs: 80 },
      ],
      [
        'idle',
        'when pieces never end',
        sendSlowly(20, [head(), ...wire.begin(), wire.text('more ')].join(''), ...times(40, wire.text('more '))),
        { totalMs: 300 },
      ],
    ] as const)('ends the request (%s) %s', async (phase, _name, answer, timeouts) => {
      setup.provider.answer(answer);
      const { error } = await setup.ask(modelRequest({ timeouts }));
      expect(error).toMatchObject({ kind: 'timeout', message: `no answer within the limit (${phase})` });
      await expect.poll(() => setup.provider.connections).toBe(0);
    });

    it('on the whole ends an answer that is not streamed', async () => {
      setup.provider.answer(stall(head()));
      const { error } = await setup.ask(modelRequest({ stream: false, timeouts: { totalMs: 80 } }));
      expect(error).toMatchObject({ kind: 'timeout', message: 'no answer within the limit (whole)' });
      await expect.poll(() => setup.provider.connections).toBe(0);
    });

    it('on the first token is met by thinking', async () => {
      const begin = wire.begin();
      const rest = whole.slice(begin.length);
      // the thinking comes at once, the first word long after the limit
      const parts = [[head(), ...begin, wire.thinking('Hm')].join(''), ...times(6, ': wait\n\n'), ...rest];
      setup.provider.answer(sendSlowly(100, ...parts));
      const { error } = await setup.ask(modelRequest({ timeouts: { firstTokenMs: 500, idleMs: 5_000 } }));
      expect(error).toBeNull();
    });

    it('on connecting ends a request whose connection does not come', async () => {
      const { error } = await askModel(createUnreachable(), modelRequest({ timeouts: { connectMs: 60 } }));
      expect(error).toMatchObject({ kind: 'timeout', message: 'no answer within the limit (connect)' });
    });
  });

  describe('an aborted request', () => {
    it.each([
      ['before the answer', true, stall(), ''],
      ['in the middle of it', true, stall(head(), ...half), 'Half'],
      ['after the reason for its end', true, stall(head(), ...half, ...wire.finish()), 'Half'],
      ['in an error', true, stall(head(500), '{'), ''],
      ['before an answer that is not streamed', false, stall(head()), ''],
    ])('ends and cuts the connection, %s', async (_name, stream, answer, text) => {
      setup.provider.answer(answer);
      const abort = new AbortController();
      let read = '';
      const asking = setup.ask(modelRequest({ signal: abort.signal, stream }), (piece) => (read += piece));
      await expect.poll(() => setup.provider.requests.length).toBe(1);
      await expect.poll(() => read).toBe(text);
      await wait(50);
      abort.abort();
      const asked = await asking;
      expect({ text: asked.text, kind: asked.error?.kind }).toEqual({ text, kind: 'aborted' });
      await expect.poll(() => setup.provider.connections, { interval: 5 }).toBe(0);
    });

    it('is not sent where the signal was aborted before', async () => {
      setup.provider.answer(send(head(), ...whole));
      const { error } = await setup.ask(modelRequest({ signal: AbortSignal.abort() }));
      expect(error?.kind).toBe('aborted');
      expect(setup.provider.requests).toHaveLength(0);
    });

    it('ends while the connection is being made', async () => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 20);
      const { error } = await askModel(createUnreachable(), modelRequest({ signal: abort.signal }));
      expect(error?.kind).toBe('aborted');
    });
  });

  it('leaves no listener and no timer behind, however it ended', async () => {
    const { signal } = new AbortController();
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    for (const answer of [send(head(), ...whole), send(head(), ...half), sendJson({}, 500), reset()]) {
      setup.provider.answer(answer);
      for (let index = 0; index < 5; index += 1) await setup.ask(modelRequest({ signal }));
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    // Not one for each request; undici keeps some of its own.
    expect(timers()).toBeLessThan(before + 10);
  });

  it('uses a connection again', async () => {
    const body = whole.join('');
    setup.provider.answer((socket) => {
      const lines = head(200, { connection: 'keep-alive', 'content-length': String(Buffer.byteLength(body)) });
      socket.write(lines + body);
    });
    for (let index = 0; index < 20; index += 1) expect((await setup.ask()).error).toBeNull();
    // A second one where the next request comes before the end of the last answer was seen.
    expect(setup.provider.connections).toBeLessThanOrEqual(2);
  });
};
