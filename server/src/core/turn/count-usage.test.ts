import { describe, expect, it } from 'vitest';
import { contextMessage, modelContext } from '../../../test/ask-model.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import type { CallResult } from './call-model.ts';
import { ChatModelError } from './chat-model.ts';
import { withUsage } from './count-usage.ts';
import type { AttemptUsage, ModelAttempt } from './receipt.ts';

const told: AttemptUsage = { inputTokens: 100, outputTokens: 5, estimated: false };
const text = 'Yes, we do.';
const context = modelContext();

const attempt = (status: ModelAttempt['status'], usage: AttemptUsage | null): ModelAttempt => ({
  model: 'a/b',
  status,
  error: null,
  firstTokenMs: null,
  totalMs: 1,
  usage,
});

const ended = (kind: CallResult['kind'], ...attempts: ModelAttempt[]): CallResult => {
  const error = new ChatModelError('unavailable', 'it broke off');
  if (kind === 'aborted') return { kind, textGiven: true, attempts };
  if (kind === 'failed') return { kind, code: 'model_unavailable', textGiven: true, error, attempts };
  const client = {
    contextTokens: () => null,
    reply: () => Promise.reject(error),
    close: () => Promise.resolve(),
  };
  const reply = { finishReason: 'stop', usage: null, citations: null } as const;
  return { kind, candidate: { provider: 'a', model: 'b', client }, reply, attempts };
};

/** The use of each attempt, where every text is counted as 50 tokens. */
const usageAfter = async (result: CallResult, given: string = text): Promise<(AttemptUsage | null)[]> => {
  const attempts = await withUsage(result, { context, text: given, usedTokens: 700 }, () => Promise.resolve(50));
  return attempts.map(({ usage }) => usage);
};

const counted = { inputTokens: 58, outputTokens: 50, estimated: true };
const estimated = { inputTokens: 700, outputTokens: estimateTokens(text), estimated: true };

describe('the use of an attempt', () => {
  it("is the provider's own count, where it can be right", async () => {
    expect(await usageAfter(ended('completed', attempt('failed', null), attempt('ok', told)))).toEqual([null, told]);
  });

  it.each([
    ['is missing', null],
    ['says that nothing was read', { ...told, inputTokens: 0 }],
    ['says that the text has no tokens', { ...told, outputTokens: 0 }],
  ])('is counted where it %s', async (_name, usage) => {
    expect(await usageAfter(ended('completed', attempt('ok', usage)))).toEqual([counted]);
  });

  it('counts every part of what was sent', async () => {
    const passage = { index: 1, chunkId: 'c', sourceId: 's', url: null, page: null, score: 1, tokens: 1 };
    const whole = modelContext({
      instructions: 'Instructed.',
      facts: [['cart', 'empty']],
      known: [{ name: 'city', value: 'Batumi', saidAt: null }],
      summary: 'Summed up.',
      recall: [{ conversationId: 'conv_a', role: 'user', text: 'Recalled.', createdAt: 0 }],
      passages: [{ ...passage, title: 'Titled', headings: ['Headed'], text: 'Found.' }],
      history: [contextMessage('assistant', 'Replied.')],
      messages: [contextMessage('user', 'Asked.')],
    });
    const seen: string[] = [];
    await withUsage(ended('completed', attempt('ok', null)), { context: whole, text, usedTokens: 700 }, (sent) => {
      seen.push(sent);
      return Promise.resolve(50);
    });
    for (const part of ['Instructed.', 'cart: empty', 'city: Batumi', 'Summed up.', 'Recalled.', 'Titled', 'Headed']) {
      expect(seen[0]).toContain(part);
    }
    for (const part of ['Found.', 'Replied.', 'Asked.']) expect(seen[0]).toContain(part);
  });

  it.each(['aborted', 'failed'] as const)('is estimated where the reply %s with some text', async (kind) => {
    expect(await usageAfter(ended(kind, attempt('failed', null)))).toEqual([estimated]);
  });

  it('is unknown where nothing came', async () => {
    const result = ended('failed', attempt('failed', null), attempt('skipped', null));
    expect(await usageAfter(result, '')).toEqual([null, null]);
  });

  it('may say that nothing was written, where nothing was', async () => {
    const usage = { ...told, outputTokens: 0 };
    expect(await usageAfter(ended('completed', attempt('ok', usage)), '')).toEqual([usage]);
  });
});
