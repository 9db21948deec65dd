import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Breakers } from '../../src/core/turn/breaker.ts';
import { createCallModel } from '../../src/core/turn/call-model.ts';
import { defaultModelRetryPolicy } from '../../src/core/turn/model-retry.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { askModel, modelRequest } from '../ask-model.ts';
import { type FaultAnswer, head, reset, send, sendJson, stall } from '../fault-provider.ts';
import type { ClientRow } from './client-row.ts';
import { faultKey, setUpFaults } from './fault-setup.ts';

const chunked = (body: string): string => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;

/** What goes wrong at a provider, or on the way to it; the same for every client. */
export const describeFaults = (row: ClientRow): void => {
  const { wire } = row;
  const half = [...wire.begin(), wire.text('Half')];
  const whole = [...wire.begin(), wire.text('Yes, we do.'), ...wire.finish(), ...wire.last];
  const setup = setUpFaults(row);

  describe('an answer that breaks off keeps its text with the caller and fails', () => {
    it.each([
      ['when the connection ends', send(head(), ...half)],
      ['when the connection ends within an event', send(head(), ...half, 'data: {"cho')],
      ['when the connection is reset', reset(head(), ...half)],
      ['when a chunk is cut', send(head(200, { 'transfer-encoding': 'chunked' }), chunked(half.join('')))],
      ['when an error comes in the stream', send(head(), ...half, wire.errorEvent('unavailable'))],
      ['when an event is no JSON', send(head(), ...half, 'data: {oops}\n\n', ...whole)],
    ])('%s', async (_name, answer) => {
      setup.provider.answer(answer);
      const { text, error } = await setup.ask();
      expect(text).toBe('Half');
      expect(['unavailable', 'malformed']).toContain(error?.kind);
      expect(error?.retryable).toBe(true);
      expect(setup.provider.requests).toHaveLength(1);
    });
  });

  it.each([
    ['overloaded', 'overloaded'],
    ['rate_limited', 'overloaded'],
    ['unavailable', 'unavailable'],
    ['rejected', 'rejected'],
    ['context_too_long', 'context_too_long'],
  ] as const)('an error of the stream that says %s is %s', async (fault, kind) => {
    setup.provider.answer(send(head(), ...wire.begin(), wire.errorEvent(fault)));
    expect((await setup.ask()).error?.kind).toBe(kind);
  });

  describe('an answer that cannot be understood is malformed', () => {
    it.each([
      ['a page of a proxy', send(head(200, { 'content-type': 'text/html' }), '<html><body>Hello</body></html>')],
      ['nothing', send(head())],
      ['comments alone', send(head(), ': ping\n\n: ping\n\n')],
      ['a body that is said to be compressed', send(head(200, { 'content-encoding': 'gzip' }), ...whole)],
      ['no HTTP', send('SSH-2.0-OpenSSH_9.2\r\n')],
      ['headers beyond the limit', send(head(200, { 'x-long': 'x'.repeat(64 * 1024) }), ...whole)],
      ['a number for an event', send(head(), 'data: 42\n\n')],
    ])('%s', async (_name, answer) => {
      setup.provider.answer(answer);
      const { text, error } = await setup.ask();
      expect({ text, kind: error?.kind }).toEqual({ text: '', kind: 'malformed' });
    });

    it('a line of 10 MB, of which only the limit is read', async () => {
      let sent = 0;
      setup.provider.answer(async (socket) => {
        socket.write(`${head()}data: {"text":"`);
        const block = Buffer.alloc(64 * 1024, 'x');
        while (!socket.destroyed && sent < 10 * 1024 * 1024) {
          sent += block.length;
          if (!socket.write(block)) {
            await Promise.race([wait(100), new Promise((resolve) => socket.once('drain', resolve))]);
          }
        }
      });
      expect((await setup.ask()).error?.kind).toBe('malformed');
      await expect.poll(() => setup.provider.connections).toBe(0);
      expect(sent).toBeLessThan(10 * 1024 * 1024);
    });

    it('a reply longer than the limit', async () => {
      const events = Array.from({ length: 30 }, () => wire.text('y'.repeat(70_000)));
      setup.provider.answer(send(head(), ...wire.begin(), ...events, ...wire.finish(), ...wire.last));
      const { text, error } = await setup.ask();
      expect(error?.kind).toBe('malformed');
      expect(text.length).toBeLessThanOrEqual(2_000_000);
    });
  });

  describe('an error status', () => {
    it.each([
      [400, 'rejected'],
      [401, 'rejected'],
      [403, 'rejected'],
      [404, 'rejected'],
      [408, 'unavailable'],
      [413, 'context_too_long'],
      [429, 'overloaded'],
      [500, 'unavailable'],
      [502, 'unavailable'],
      [503, 'overloaded'],
      [504, 'unavailable'],
      [529, 'overloaded'],
    ] as const)('%i is %s, streamed or not', async (status, kind) => {
      for (const stream of [true, false]) {
        setup.provider.answer(sendJson(wire.error('No.'), status));
        const { error } = await setup.ask(modelRequest({ stream }));
        expect(error).toMatchObject({ kind, status, message: expect.stringContaining('some_error: No.') });
        expect(setup.provider.requests).toHaveLength(1);
      }
    });

    it('of a redirect is rejected and not followed', async () => {
      setup.provider.answer(send(head(307, { location: `${setup.provider.url}/elsewhere` })));
      expect((await setup.ask()).error).toMatchObject({ kind: 'rejected', status: 307 });
      expect(setup.provider.requests).toHaveLength(1);
    });

    it('for a prompt that does not fit is told apart', async () => {
      setup.provider.answer(sendJson(wire.error('prompt is too long: 9000 tokens > 8192 maximum'), 400));
      expect((await setup.ask()).error?.kind).toBe('context_too_long');
    });

    it('says how long to wait', async () => {
      setup.provider.answer(sendJson({}, 429, { 'retry-after': '7' }));
      expect((await setup.ask()).error?.retryAfterMs).toBe(7000);
      setup.provider.answer(sendJson({}, 429, { 'retry-after-ms': '1500', 'retry-after': '2' }));
      expect((await setup.ask()).error?.retryAfterMs).toBe(1500);
    });

    it('stays as it is when its body stalls, is compressed, cut, or no JSON', async () => {
      const answers = [
        stall(head(503), '{"error":'),
        send(head(503, { 'content-encoding': 'gzip' }), gzipSync('{}')),
        send(head(503), '<html>Bad gateway</html>'),
        reset(head(503), '{"err'),
      ];
      for (const answer of answers) {
        setup.provider.answer(answer);
        const { error } = await setup.ask(modelRequest({ timeouts: { idleMs: 100 } }));
        expect(error).toMatchObject({ kind: 'overloaded', status: 503 });
        expect(error?.message.length).toBeLessThan(400);
      }
    });

    it('is read no further than its beginning', async () => {
      setup.provider.answer(stall(head(500), JSON.stringify(wire.error('Why')), ' '.repeat(200_000)));
      const { error } = await setup.ask();
      expect(error).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('Why') });
    });

    it('never shows the key, however the provider writes it', async () => {
      const message = `Wrong key ${faultKey}, or sk-can****cret, or Bearer ${faultKey}`;
      setup.provider.answer(sendJson(wire.error(message), 401));
      const { error } = await setup.ask();
      expect(error?.message).toContain('Wrong key [key]');
      expect(error?.message).not.toMatch(/4711|sk-can/);
    });
  });

  describe('a connection that cannot be made is unavailable', () => {
    it.each([
      ['refused', 'http://127.0.0.1:1/v1'],
      ['no such name', 'http://no-such-host.invalid/v1'],
    ])('%s', async (_name, baseUrl) => {
      const lost = row.create({ baseUrl, key: faultKey });
      const { error } = await askModel(lost);
      expect(error).toMatchObject({ kind: 'unavailable', status: null });
      await lost.close();
    });

    it('no TLS', async () => {
      const plain = createServer((socket) => {
        socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n');
      });
      plain.listen(0, '127.0.0.1');
      await once(plain, 'listening');
      const { port } = plain.address() as AddressInfo;
      const lost = row.create({ baseUrl: `https://127.0.0.1:${port}/v1`, key: faultKey });
      expect((await askModel(lost)).error).toMatchObject({ kind: 'unavailable', status: null });
      await lost.close();
      plain.close();
    });
  });

  describe('the one place with retries', () => {
    const callModel = createCallModel({
      breakers: new Breakers(systemClock),
      retry: { ...defaultModelRetryPolicy, baseDelayMs: 1 },
      clock: systemClock,
      random: () => 0.5,
    });

    it.each<[string, FaultAnswer, number, string]>([
      ['a wrong key', sendJson(wire.error('No.'), 401), 1, ''],
      ['a prompt that is too long', sendJson(wire.error('prompt is too long'), 400), 1, ''],
      ['an overload', sendJson(wire.error('Busy.'), 529), 2, ''],
      ['a broken gateway', sendJson(wire.error('Bad.'), 502), 2, ''],
      ['nonsense', send(head(), 'data: 42\n\n'), 2, ''],
      ['a reset', reset(), 2, ''],
      ['an empty reply', send(head(), ...wire.begin(), ...wire.finish(), ...wire.last), 2, ''],
      ['half a reply', send(head(), ...half), 1, 'Half'],
    ])('meets %s with no more requests than may help', async (name, answer, requests, text) => {
      setup.provider.answer(answer);
      const { model: _model, ...request } = modelRequest();
      const pieces: string[] = [];
      const result = await callModel({
        candidates: [{ provider: 'test', model: name, client: setup.client }],
        request,
        onText: (piece) => pieces.push(piece),
      });
      expect(result.kind).toBe('failed');
      expect(setup.provider.requests).toHaveLength(requests);
      expect(result.attempts).toHaveLength(requests);
      expect(pieces.join('')).toBe(text);
    });
  });
};
