import { describe, expect, it } from 'vitest';
import { contextMessage, modelContext, modelRequest } from './ask-model.ts';
import { head, send, sendJson } from './fault-provider.ts';
import { anthropicMessages } from './model-clients/anthropic-messages.ts';
import { chatCompletions } from './model-clients/chat-completions.ts';
import { anthropicRow, googleRow, openAiCompatibleRow } from './model-clients/client-row.ts';
import { setUpFaults } from './model-clients/fault-setup.ts';
import { geminiContent } from './model-clients/gemini-content.ts';
import { dataEvent } from './model-clients/wire-format.ts';

/** What only one dialect knows. What all clients share is in `model-clients/`. */

describe('chat completions', () => {
  const setup = setUpFaults(openAiCompatibleRow);
  const { text: textEvent } = chatCompletions;
  const finish = chatCompletions.finish()[0] ?? '';
  const [done = ''] = chatCompletions.last;
  const whole = [textEvent('Yes, '), textEvent('we do.'), finish, done];
  const choice = (members: Record<string, unknown>): string => dataEvent({ choices: [{ index: 0, ...members }] });

  it.each([
    ['with [DONE] and no finish reason', [textEvent('Yes, we do.'), done]],
    ['with text after [DONE], which is left out', [...whole, textEvent('more')]],
    ['with single line ends between events', whole.map((event) => event.slice(0, -1))],
    ['without the last blank line', [...whole.slice(0, 2), finish.trimEnd()]],
    ['with a cut event after its end', [...whole.slice(0, 3), 'data: {"choices":[{"del']],
    ['with null contents', [choice({ delta: { content: null } }), ...whole]],
    [
      'with contents in parts',
      [choice({ delta: { content: [{ type: 'text', text: 'Yes, we ' }, 'do.'] } }), ...whole.slice(2)],
    ],
    [
      'with the finish reason beside an empty text',
      [textEvent('Yes, we do.'), choice({ delta: { content: '' }, finish_reason: 'stop' }), done],
    ],
    ['with thinking by its other name', [choice({ delta: { reasoning: 'Hm', content: '' } }), ...whole]],
    [
      'with other choices, which are left out',
      [dataEvent({ choices: [{ index: 1, delta: { content: 'No' } }] }), ...whole],
    ],
    [
      'with the whole message again at the end',
      [...whole.slice(0, 2), choice({ message: { content: 'Yes, we do.' }, finish_reason: 'stop' }), done],
    ],
    [
      'as JSON, with blank lines before it, although a stream was asked for',
      ['\n\n \n', JSON.stringify(chatCompletions.whole('Yes, we do.'))],
    ],
  ])('are understood %s', async (_name, events) => {
    setup.provider.answer(send(head(), ...events));
    const { text, reply, error } = await setup.ask();
    expect({ text, error }).toEqual({ text: 'Yes, we do.', error: null });
    expect(reply?.finishReason).toBe('stop');
  });

  it('are understood as a stream where none was asked for', async () => {
    setup.provider.answer(send(head(), ...whole));
    expect((await setup.ask(modelRequest({ stream: false }))).text).toBe('Yes, we do.');
  });

  it.each([
    ['where Groq puts it', { x_groq: { usage: { prompt_tokens: 12, completion_tokens: 3 } } }],
    ['by other names', { usage: { input_tokens: 12, output_tokens: 3 } }],
  ])('tell the usage %s', async (_name, value) => {
    setup.provider.answer(send(head(), textEvent('Yes.'), finish, dataEvent(value), done));
    expect((await setup.ask()).reply?.usage).toEqual({ inputTokens: 12, outputTokens: 3 });
  });

  it('give a refusal, which is the reply', async () => {
    setup.provider.answer(send(head(), choice({ delta: { refusal: 'I cannot help with that.' } }), finish, done));
    const { text, reply } = await setup.ask();
    expect(text).toBe('I cannot help with that.');
    expect(reply?.finishReason).toBe('content_filter');
  });

  it('report the content filter as an error, which is a reply without text', async () => {
    const innererror = { code: 'ResponsibleAIPolicyViolation' };
    setup.provider.answer(sendJson({ error: { code: 'content_filter', message: 'filtered', innererror } }, 400));
    const { text, reply } = await setup.ask();
    expect({ text, finishReason: reply?.finishReason }).toEqual({ text: '', finishReason: 'content_filter' });
  });

  it.each([
    ['an error event', ['event: error\n', dataEvent({ message: 'slow down', type: 'rate_limit' })], 'overloaded'],
    ['the finish reason error', [choice({ delta: {}, finish_reason: 'error' }), done], 'unavailable'],
    ['no choices in the whole', ['{"object":"chat.completion"}'], 'malformed'],
  ])('fail with %s', async (_name, events, kind) => {
    setup.provider.answer(send(head(), ...events));
    expect((await setup.ask()).error?.kind).toBe(kind);
  });

  describe('from a server that refuses the form of a request', () => {
    const fault = (message: string, param?: string): unknown => ({ error: { message, ...(param ? { param } : {}) } });
    const ok = send(head(), ...whole);

    it('are asked for without stream_options, and the model is remembered', async () => {
      const detail = [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }];
      setup.provider.answer(sendJson({ detail }, 422), ok);
      expect((await setup.ask()).text).toBe('Yes, we do.');
      await setup.ask();
      expect(setup.provider.requests.map(({ body }) => 'stream_options' in body)).toEqual([true, false, false]);
      await setup.ask(modelRequest({ model: 'another-model' }));
      expect(setup.provider.requests[3]?.body).toHaveProperty('stream_options');
    });

    it('are asked for with max_completion_tokens and without temperature, one refusal after the other', async () => {
      setup.provider.answer(
        sendJson(fault("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", 'max_tokens'), 400),
        sendJson(fault("Unsupported value: 'temperature' does not support 0.2 with this model."), 400),
        ok,
      );
      expect((await setup.ask(modelRequest({ temperature: 0.2, maxReplyTokens: 100 }))).error).toBeNull();
      expect(setup.provider.requests[0]?.body).toMatchObject({ max_tokens: 100, temperature: 0.2 });
      expect(setup.provider.requests[2]?.body).toMatchObject({ max_completion_tokens: 100 });
      expect(setup.provider.requests[2]?.body).not.toHaveProperty('max_tokens');
      expect(setup.provider.requests[2]?.body).not.toHaveProperty('temperature');
    });

    it('are asked for without a system message', async () => {
      setup.provider.answer(sendJson(fault('System role not supported'), 400), ok);
      expect((await setup.ask()).error).toBeNull();
      expect(setup.provider.requests[1]?.body['messages']).toEqual([
        { role: 'user', content: 'You answer for a shop.\n\nDo you ship?' },
      ]);
    });

    it('are not asked for again where the form was not the fault', async () => {
      setup.provider.answer(sendJson(fault('max_tokens is too large: 100000'), 400));
      expect((await setup.ask(modelRequest({ maxReplyTokens: 100_000 }))).error?.kind).toBe('rejected');
      expect(setup.provider.requests).toHaveLength(1);
    });

    it('are not asked for for ever, and nothing is remembered of it', async () => {
      const refuseAll = 'stream_options, temperature, max_tokens, max_completion_tokens: not permitted';
      setup.provider.answer(sendJson(fault(refuseAll), 400));
      const request = modelRequest({ temperature: 0.2, maxReplyTokens: 100 });
      expect((await setup.ask(request)).error?.kind).toBe('rejected');
      expect(setup.provider.requests.length).toBeLessThanOrEqual(6);
      setup.provider.requests.length = 0;
      await setup.ask(request);
      expect(setup.provider.requests[0]?.body).toMatchObject({ stream_options: {}, temperature: 0.2, max_tokens: 100 });
    });
  });
});

describe('Anthropic messages', () => {
  const setup = setUpFaults(anthropicRow);
  const wire = anthropicMessages;
  const ok = send(head(), ...wire.begin(), wire.text('Yes.'), ...wire.finish(), ...wire.last);
  const refused = (message: string) =>
    sendJson({ type: 'error', error: { type: 'invalid_request_error', message } }, 400);

  it('are asked for with the version of the dialect, a limit on the reply, and instructions beside the messages', async () => {
    setup.provider.answer(ok);
    const history = [contextMessage('assistant', 'Welcome!')];
    await setup.ask(modelRequest({ context: modelContext({ history }), temperature: 1.6 }));
    const [request] = setup.provider.requests;
    expect(request?.headers).toMatchObject({ 'anthropic-version': '2023-06-01' });
    // the user speaks first, so that the greeting is told of; and the scale of temperatures ends at 1
    expect(request?.body).toEqual({
      model: 'some-model',
      max_tokens: 8192,
      stream: true,
      temperature: 1,
      system: 'You answer for a shop.\n\nYou opened the conversation with:\nWelcome!',
      messages: [{ role: 'user', content: 'Do you ship?' }],
    });
  });

  it('are asked for with what the model allows, once it has said so', async () => {
    setup.provider.answer(
      refused('max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for some-model'),
      ok,
    );
    expect((await setup.ask()).text).toBe('Yes.');
    await setup.ask();
    await setup.ask(modelRequest({ maxReplyTokens: 100 }));
    expect(setup.provider.requests.map(({ body }) => body['max_tokens'])).toEqual([8192, 4096, 4096, 100]);
  });

  it('are asked for without a temperature where the model takes only its own', async () => {
    setup.provider.answer(refused('`temperature` may only be set to 1 when thinking is enabled.'), ok);
    expect((await setup.ask(modelRequest({ temperature: 0.2 }))).text).toBe('Yes.');
    expect(setup.provider.requests.map(({ body }) => 'temperature' in body)).toEqual([true, false]);
  });

  it('need a message, where the user has sent nothing but blanks', async () => {
    setup.provider.answer(ok);
    await setup.ask(modelRequest({ context: modelContext({ messages: [contextMessage('user', ' \n')] }) }));
    expect(wire.messagesOf(setup.provider.requests[0]?.body ?? {})).toEqual([
      { role: 'user', text: '(Notice: the message is empty)' },
    ]);
  });

  it('count what was read from the cache and put into it as read', async () => {
    const usage = { inputTokens: 1200, outputTokens: 34, cachedTokens: 1000, cacheWriteTokens: 150 };
    setup.provider.answer(
      send(head(), ...wire.begin(usage), wire.text('Yes.'), ...wire.finish('stop', usage), ...wire.last),
    );
    expect((await setup.ask()).reply?.usage).toEqual(usage);
  });

  it('are understood where a gateway leaves out the names of the events', async () => {
    const events = [...wire.begin(), wire.text('Yes.'), ...wire.finish(), ...wire.last];
    setup.provider.answer(send(head(), ...events.map((event) => event.replace(/^event: .*\n/, ''))));
    expect(await setup.ask()).toMatchObject({ text: 'Yes.', error: null });
  });

  it('end with message_stop, whatever follows', async () => {
    const events = [...wire.begin(), wire.text('Yes.'), ...wire.finish(), ...wire.last, wire.text(' And no.')];
    setup.provider.answer(send(head(), ...events));
    expect(await setup.ask()).toMatchObject({ text: 'Yes.', error: null });
  });

  it('with blocks of later versions are read past them', async () => {
    const block = { type: 'content_block_start', index: 1, content_block: { type: 'server_tool_use', name: 'x' } };
    const event = `event: content_block_start\ndata: ${JSON.stringify(block)}\n\n`;
    setup.provider.answer(send(head(), ...wire.begin(), event, wire.text('Yes.'), ...wire.finish(), ...wire.last));
    expect(await setup.ask()).toMatchObject({ text: 'Yes.', error: null });
  });
});

describe('Gemini generateContent', () => {
  const setup = setUpFaults(googleRow);
  const wire = geminiContent;

  it('are asked for with instructions of their own, a limit, and a temperature', async () => {
    setup.provider.answer(send(head(), wire.text('Yes.'), ...wire.finish()));
    await setup.ask(modelRequest({ maxReplyTokens: 100, temperature: 0.2 }));
    expect(setup.provider.requests[0]?.body).toMatchObject({
      systemInstruction: { parts: [{ text: 'You answer for a shop.' }] },
      contents: [{ role: 'user', parts: [{ text: 'Do you ship?' }] }],
      generationConfig: { maxOutputTokens: 100, temperature: 0.2 },
    });
  });

  it('count thinking as written', async () => {
    const usage = { inputTokens: 1200, outputTokens: 134, reasoningTokens: 100 };
    setup.provider.answer(send(head(), wire.text('Yes.'), ...wire.finish('stop', usage)));
    expect((await setup.ask()).reply?.usage).toEqual(usage);
  });

  it.each([true, false])('may block a prompt, which is a reply without text, streamed: %s', async (stream) => {
    const blocked = { promptFeedback: { blockReason: 'SAFETY' } };
    setup.provider.answer(stream ? send(head(), dataEvent(blocked)) : sendJson(blocked));
    const { text, reply } = await setup.ask(modelRequest({ stream }));
    expect({ text, finishReason: reply?.finishReason }).toEqual({ text: '', finishReason: 'content_filter' });
  });

  it('may not be fetched in ever more parts', async () => {
    const part = {
      candidates: [{ content: { parts: [{ text: 'So. ' }] }, finishReason: 'CONTINUATION', continuationToken: 'more' }],
    };
    setup.provider.answer(send(head(), dataEvent(part)));
    const { error } = await setup.ask();
    expect(error?.kind).toBe('malformed');
    expect(setup.provider.requests.length).toBeLessThanOrEqual(8);
  });
});
