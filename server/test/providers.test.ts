import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { errorCatalogue } from '@parley/protocol/error-catalogue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimateTokens } from '../src/kit/token-estimate.ts';
import { boot, type Server } from './boot.ts';
import { FaultProvider, head, send, sendJson, stall } from './fault-provider.ts';
import { anthropicRow, googleRow, openAiCompatibleRow } from './model-clients/client-row.ts';

/** The server with a provider of every type, and what its receipts say of use and cost. */

const prices = { currency: 'EUR', prices: { 'far/some-model': { input: 2, output: 10, cached_input: 0.2 } } };

describe.each([openAiCompatibleRow, anthropicRow, googleRow])('with a provider of type $type', ({ type, wire }) => {
  let provider: FaultProvider;
  let server: Server;
  let botId: string;
  const pricesPath = join(tmpdir(), `parley-prices-${process.pid}-${type}.json`);

  beforeAll(async () => {
    provider = await FaultProvider.start();
    await writeFile(pricesPath, JSON.stringify(prices));
    server = await boot({
      env: {
        PARLEY_PROVIDER_FAR_TYPE: type,
        PARLEY_PROVIDER_FAR_URL: provider.url,
        PARLEY_PROVIDER_FAR_KEY: 'sk-far',
        PARLEY_PRICES: pricesPath,
      },
    });
    botId = await server.makeBot({ model: 'far/some-model', greeting: '' });
  });
  afterAll(async () => {
    await server.close();
    await provider.stop();
    await rm(pricesPath);
  });

  const chat = async (fields: Record<string, unknown> = {}, headers: Record<string, string> = {}) => {
    const body = { bot_id: botId, message: 'Do you ship to Batumi?', ...fields };
    return (await server.send('POST', '/v1/chat', { body, headers })).body;
  };
  const receiptOf = async (turnId: string) => (await server.send('GET', `/v1/turns/${turnId}/context`)).body;

  it('a JSON call is answered, and its receipt says what it used and cost', async () => {
    const usage = { inputTokens: 10_000, outputTokens: 200, cachedTokens: 8_000 };
    provider.answer(sendJson(wire.whole('Yes, we do.', { usage })));
    const turn = await chat();
    expect(turn).toMatchObject({
      status: 'completed',
      model: 'far/some-model',
      finish_reason: 'stop',
      reply: { content: 'Yes, we do.' },
      usage: { input_tokens: 10_000, output_tokens: 200, messages: 1 },
    });
    expect(await receiptOf(turn.id)).toMatchObject({
      attempts: [
        {
          model: 'far/some-model',
          status: 'ok',
          usage: { input_tokens: 10_000, output_tokens: 200, cached_input_tokens: 8_000, estimated: false },
        },
      ],
      cost: { currency: 'EUR', input: 0.0056, output: 0.002, total: 0.0076 },
    });
  });

  it('a streamed call is answered in pieces, at the same cost', async () => {
    const usage = { inputTokens: 1_000, outputTokens: 20 };
    const events = [wire.text('Yes, '), wire.text('we do.')];
    provider.answer(send(head(), ...wire.begin(usage), ...events, ...wire.finish('stop', usage), ...wire.last));
    const body = { bot_id: botId, message: 'Do you ship?', stream: true };
    const stream = await server.open('POST', '/v1/chat', { body });
    const { data } = await stream.until('turn.completed');
    const deltas = stream.events.filter(({ event }) => event === 'reply.delta');
    expect(deltas.map(({ data: delta }) => delta.text).join('')).toBe('Yes, we do.');
    expect((await receiptOf(data.id)).cost).toEqual({ currency: 'EUR', input: 0.002, output: 0.0002, total: 0.0022 });
    // what anything of the key would be seen in
    expect(stream.raw() + JSON.stringify(server.logged)).not.toContain('sk-far');
  });

  it.each([
    ['none', (): string[] => wire.finish()],
    ['a negative one', (): string[] => wire.absurdUsage(-5)],
    ['one beyond reason', (): string[] => wire.absurdUsage(1e12)],
  ])('where the provider tells %s, the use is counted, and said to be estimated', async (_name, finish) => {
    provider.answer(send(head(), ...wire.begin(), wire.text('Yes, we do.'), ...finish(), ...wire.last));
    const turn = await chat({ stream: false }, { prefer: 'respond-async' });
    const statusNow = async () => (await server.send('GET', `/v1/turns/${turn.id}`)).body.status;
    await expect.poll(statusNow, { timeout: 15_000 }).toBe('completed');
    const { attempts, cost } = await receiptOf(turn.id);
    const { input_tokens: input, output_tokens: output, ...rest } = attempts[0].usage;
    expect(rest).toEqual({ estimated: true });
    // Five tokens under o200k_base; a machine too busy for the tokenizer estimates.
    expect([5, estimateTokens('Yes, we do.')]).toContain(output);
    expect(input).toBeGreaterThan(10);
    expect(cost.total).toBeCloseTo((input * 2 + output * 10) / 1_000_000, 9);
  });

  it('a cancel reaches the provider, and the text so far is kept and priced', async () => {
    provider.answer(stall(head(), ...wire.begin(), wire.text('Half')));
    const body = { bot_id: botId, message: 'Do you ship?', stream: true };
    const stream = await server.open('POST', '/v1/chat', { body });
    const { data: started } = await stream.until('turn.started');
    await stream.until('reply.delta');
    await server.send('POST', `/v1/turns/${started.turn_id}/cancel`);
    await expect.poll(() => provider.connections, { interval: 10 }).toBe(0);
    const { data } = await stream.until('turn.cancelled');
    expect(data).toMatchObject({ status: 'cancelled', reply: { content: 'Half' } });
    const { attempts, cost } = await receiptOf(started.turn_id);
    expect(attempts[0].usage).toMatchObject({ estimated: true });
    expect(cost.total).toBeGreaterThan(0);
  });

  it('a refused call tells the caller a code, and nothing of what the provider said', async () => {
    provider.answer(sendJson(wire.error('Wrong key sk-far for account acme-account'), 401));
    const { status, text, body } = await server.send('POST', '/v1/chat', { body: { bot_id: botId, message: 'Hi' } });
    expect({ status, code: body.error?.code }).toEqual({ status: 502, code: 'model_error' });
    expect(text + JSON.stringify(server.logged)).not.toMatch(/sk-far|acme-account/);
  });

  it.each([
    ['a JSON call', {}, {}],
    ['a stream', { stream: true }, {}],
    ['a call that is answered later', {}, { prefer: 'respond-async' }],
  ])('the cause of what failed is in the log under the turn that %s was told', async (_name, fields, asking) => {
    provider.answer(sendJson(wire.error('No.'), 400));
    const answer = await fetch(`${server.url}/v1/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', ...asking },
      body: JSON.stringify({ bot_id: botId, message: 'Hi', ...fields }),
    });
    await answer.text();
    const turnId = answer.headers.get('parley-turn-id');
    expect(turnId).toMatch(/^turn_/);
    // what a server writes that was told nothing of its log
    const causes = () => server.logged.filter((line) => line['turn_id'] === turnId && Number(line['level']) >= 40);
    await expect
      .poll(causes)
      .toContainEqual(
        expect.objectContaining({ msg: 'model call failed', model: 'far/some-model', kind: 'rejected', status: 400 }),
      );
    expect(errorCatalogue.model_error.advice).toContain('under the id of the turn');
  });

  it('a model without a price has no cost, and one that fails over to builtin none either', async () => {
    provider.answer(sendJson(wire.whole('Yes.', { usage: { inputTokens: 10, outputTokens: 2 } })));
    const unknown = await server.makeBot({ model: 'far/other-model', greeting: '' });
    const turn = await chat({ bot_id: unknown });
    expect(await receiptOf(turn.id)).toMatchObject({ attempts: [{ usage: { input_tokens: 10 } }], cost: null });
    provider.answer(sendJson(wire.error('No.'), 400));
    const fallback = await server.makeBot({ model: 'far/some-model', fallback_models: ['builtin'], greeting: '' });
    const saved = await chat({ bot_id: fallback });
    expect(await receiptOf(saved.id)).toMatchObject({
      attempts: [{ model: 'far/some-model', status: 'failed', usage: null }, { model: 'builtin' }],
      cost: { input: 0, output: 0, total: 0 },
    });
  });
});
