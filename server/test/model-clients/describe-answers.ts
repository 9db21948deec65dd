import { describe, expect, it } from 'vitest';
import { contextMessage, modelContext, modelRequest } from '../ask-model.ts';
import { head, reset, send, sendJson, stall } from '../fault-provider.ts';
import type { ClientRow } from './client-row.ts';
import { faultKey, setUpFaults } from './fault-setup.ts';

/** What a provider says when all is well, or nearly; the same for every client. */
export const describeAnswers = (row: ClientRow): void => {
  const { wire } = row;
  const yes = [...wire.begin(), wire.text('Yes, '), wire.text('we do.'), ...wire.finish()];
  const whole = [...yes, ...wire.last];
  const setup = setUpFaults(row);

  describe('a streamed answer is understood', () => {
    it.each([
      ['with everything in its place', whole],
      ['without the mark of its end', yes],
      ['with the mark of its end twice', [...whole, ...wire.last]],
      ['with comments and blank lines', [': hello\n\n\n', ...whole.flatMap((event) => [':\n', event])]],
      ['with CRLF', whole.map((event) => event.replaceAll('\n', '\r\n'))],
      ['with CR', whole.map((event) => event.replaceAll('\n', '\r'))],
      ['with a byte order mark', ['\uFEFF', ...whole]],
      ['with signs of life in between', whole.flatMap((event) => [event, wire.idle]).slice(0, -1)],
      [
        'with thinking in the text',
        [...wire.begin(), wire.text('\n<thi'), wire.text('nk>hm</think>\n'), ...yes.slice(wire.begin().length)],
      ],
      [
        'with thinking of its own kind',
        [...wire.begin(), wire.thinking('Let me think'), ...yes.slice(wire.begin().length)],
      ],
    ])('%s', async (_name, events) => {
      setup.provider.answer(send(head(), ...events));
      const { text, reply, error } = await setup.ask();
      expect({ text, error }).toEqual({ text: 'Yes, we do.', error: null });
      expect(reply).toEqual({ finishReason: 'stop', usage: null, citations: null });
    });

    it('whatever its content type says', async () => {
      setup.provider.answer(send(head(200, { 'content-type': 'text/plain' }), ...whole));
      expect(await setup.ask()).toMatchObject({ text: 'Yes, we do.', error: null });
    });

    it.each(['stop', 'length', 'content_filter'] as const)('with its end by %s', async (reason) => {
      setup.provider.answer(send(head(), ...wire.begin(), wire.text('So.'), ...wire.finish(reason), ...wire.last));
      const { text, reply } = await setup.ask();
      expect({ text, finishReason: reply?.finishReason }).toEqual({ text: 'So.', finishReason: reason });
    });

    it.each([1, 3, 7])('in packets of %i bytes that cut characters', async (size) => {
      const text = 'Привет 👋 გამარჯობა "so" \\ end';
      const bytes = Buffer.from([...wire.begin(), wire.text(text), ...wire.finish(), ...wire.last].join(''));
      const packets = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      setup.provider.answer(async (socket) => {
        socket.setNoDelay(true);
        socket.write(head());
        for (const packet of packets) {
          socket.write(packet);
          await new Promise((resolve) => setImmediate(resolve));
        }
        socket.end();
      });
      const asked = await setup.ask();
      expect(asked.text).toBe(text);
      expect(asked.error).toBeNull();
    });

    it('never as half a character, a lone surrogate, NUL, or an empty piece', async () => {
      const events = ['a\ud83d', '\udc4b', '\ud83d', 'b\udc4b\0', 'c\ud83d'].map(wire.text);
      setup.provider.answer(send(head(), ...wire.begin(), ...events, ...wire.finish(), ...wire.last));
      const { pieces } = await setup.ask();
      expect(pieces.join('')).toBe('a👋\uFFFDb\uFFFD\uFFFDc\uFFFD');
      expect(pieces.every((piece) => piece !== '' && piece.isWellFormed() && !piece.includes('\0'))).toBe(true);
    });

    it('with bytes that are no UTF-8, which are replaced', async () => {
      const [before = '', after = ''] = wire.text('x|y').split('|');
      const bytes = Buffer.from([0xff, 0xc3]);
      setup.provider.answer(send(head(), ...wire.begin(), before, bytes, after, ...wire.finish(), ...wire.last));
      expect((await setup.ask()).text).toMatch(/^x\uFFFD+y$/);
    });

    it('without waiting for a connection that stays open after the end, which is cut', async () => {
      setup.provider.answer(stall(head(), ...whole));
      const { text, reply } = await setup.ask(modelRequest({ timeouts: { idleMs: 400 } }));
      expect({ text, finishReason: reply?.finishReason }).toEqual({ text: 'Yes, we do.', finishReason: 'stop' });
      await expect.poll(() => setup.provider.connections).toBe(0);
    });

    it('when the connection stays open after the reason for the end', async () => {
      setup.provider.answer(stall(head(), ...yes));
      const { reply } = await setup.ask(modelRequest({ timeouts: { idleMs: 400 } }));
      expect(reply?.finishReason).toBe('stop');
    });

    it('when the connection is reset after the reason for the end', async () => {
      setup.provider.answer(reset(head(), ...yes));
      expect((await setup.ask()).reply?.finishReason).toBe('stop');
    });

    it('when the content filter took every word', async () => {
      setup.provider.answer(send(head(), ...wire.begin(), ...wire.finish('content_filter'), ...wire.last));
      const { text, reply } = await setup.ask();
      expect({ text, finishReason: reply?.finishReason }).toEqual({ text: '', finishReason: 'content_filter' });
    });
  });

  describe('the usage', () => {
    const usage = { inputTokens: 1200, outputTokens: 34, cachedTokens: 1000 };

    it.each([true, false])('is told with what came from the cache, streamed: %s', async (stream) => {
      setup.provider.answer(
        stream
          ? send(head(), ...wire.begin(usage), wire.text('Yes.'), ...wire.finish('stop', usage), ...wire.last)
          : sendJson(wire.whole('Yes.', { usage })),
      );
      const { reply } = await setup.ask(modelRequest({ stream }));
      expect(reply?.usage).toEqual(usage);
    });

    it.each([-1, 1e15, 1.5])('is nothing where it says %d', async (count) => {
      setup.provider.answer(send(head(), ...wire.begin(), wire.text('Yes.'), ...wire.absurdUsage(count), ...wire.last));
      const { text, reply, error } = await setup.ask();
      expect({ text, usage: reply?.usage, error }).toEqual({ text: 'Yes.', usage: null, error: null });
    });

    it('is nothing where it is not told', async () => {
      setup.provider.answer(sendJson(wire.whole('Yes.')));
      expect((await setup.ask(modelRequest({ stream: false }))).reply?.usage).toBeNull();
    });
  });

  describe('an answer that is not streamed', () => {
    it.each(['stop', 'length', 'content_filter'] as const)('is understood as JSON, ended by %s', async (reason) => {
      setup.provider.answer(sendJson(wire.whole('<think>hm</think>Yes.', { reason, thinking: 'hm' })));
      const { text, reply, error } = await setup.ask(modelRequest({ stream: false }));
      expect({ text, finishReason: reply?.finishReason, error }).toEqual({
        text: 'Yes.',
        finishReason: reason,
        error: null,
      });
    });

    it('may take longer than the first token of a stream', async () => {
      setup.provider.answer(async (socket, request) => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        await sendJson(wire.whole('Late.'))(socket, request);
      });
      const timeouts = { firstTokenMs: 50, idleMs: 50 };
      expect((await setup.ask(modelRequest({ stream: false, timeouts }))).text).toBe('Late.');
    });

    it.each([
      ['broken JSON', '{"choices":[{"message"'],
      ['an object that says nothing', '{}'],
      ['nothing', ''],
      ['a page of a proxy', '<html><body>Hello</body></html>'],
    ])('is malformed with %s', async (_name, body) => {
      setup.provider.answer(send(head(200, { 'content-type': 'application/json' }), body));
      const { error } = await setup.ask(modelRequest({ stream: false }));
      expect(error?.kind).toBe('malformed');
    });
  });

  describe('a request', () => {
    it.each([true, false])(
      'carries the key in its header alone, and asks for nothing packed, streamed: %s',
      async (stream) => {
        setup.provider.answer(stream ? send(head(), ...whole) : sendJson(wire.whole('Yes.')));
        await setup.ask(modelRequest({ stream }));
        const [request] = setup.provider.requests;
        const [name, value] = wire.keyHeader(faultKey);
        expect(request?.line).toBe(stream ? wire.requestLine.stream : wire.requestLine.whole);
        expect(request?.headers).toMatchObject({
          [name]: value,
          'accept-encoding': 'identity',
          'user-agent': 'parley',
        });
        const { [name]: _, ...rest } = request?.headers ?? {};
        expect(JSON.stringify([request?.line, rest, request?.body])).not.toContain(faultKey);
      },
    );

    it('shows the instructions, the facts, and the conversation in order', async () => {
      setup.provider.answer(send(head(), ...whole));
      const history = [
        contextMessage('user', 'Hi'),
        contextMessage('assistant', 'Hello!'),
        contextMessage('system', 'Ana left'),
        contextMessage('human', 'I am Ana.'),
      ];
      const facts = [['page', 'checkout']] as const;
      const context = modelContext({ history, facts, messages: [contextMessage('user', 'Do you ship?')] });
      await setup.ask(modelRequest({ context, maxReplyTokens: 77, temperature: 0.3 }));
      const body = setup.provider.requests[0]?.body ?? {};
      expect(wire.messagesOf(body)).toEqual([
        { role: 'user', text: 'Hi' },
        { role: 'assistant', text: 'Hello!' },
        { role: 'user', text: '(Notice: Ana left)' },
        { role: 'assistant', text: 'I am Ana.' },
        { role: 'user', text: 'Do you ship?' },
      ]);
      const sent = JSON.stringify(body);
      for (const shown of ['You answer for a shop.', '- page: checkout', ':77', ':0.3']) expect(sent).toContain(shown);
    });

    it('ten at once get their own replies', async () => {
      setup.provider.answer((socket, request) => {
        const asked = wire.messagesOf(request.body).at(-1)?.text ?? '';
        return send(head(), ...wire.begin(), wire.text(asked), ...wire.finish(), ...wire.last)(socket, request);
      });
      const questions = Array.from({ length: 10 }, (_, index) => `question ${index}`);
      const asked = await Promise.all(
        questions.map((question) =>
          setup.ask(modelRequest({ context: modelContext({ messages: [contextMessage('user', question)] }) })),
        ),
      );
      expect(asked.map(({ text }) => text)).toEqual(questions);
    });
  });
};
