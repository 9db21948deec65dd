import { expect, it } from 'vitest';
import type { Receipt } from './receipt.ts';
import { packReceipt, unpackReceipt } from './receipt-record.ts';

const receipt: Receipt = {
  budget: { limitTokens: 8_000, usedTokens: 700 },
  sections: [
    { kind: 'instructions', tokens: 40, items: [{ tokens: 40, hash: 'h' }] },
    {
      kind: 'facts',
      tokens: 17,
      items: [
        { tokens: 5 },
        { tokens: 4, origin: 'context' },
        { tokens: 4, origin: 'trait', reference: 'r_1' },
        { tokens: 4, origin: 'said', reference: 'fact_1', messageId: 'msg_1' },
      ],
    },
    { kind: 'summary', tokens: 30, items: [{ tokens: 30, reference: 'r_2' }] },
    { kind: 'recall', tokens: 7, items: [{ tokens: 7, messageId: 'msg_2', score: 0.25, origin: 'words' }] },
    {
      kind: 'knowledge',
      tokens: 90,
      items: [
        { tokens: 90, chunkId: 'c_1', sourceId: 'src_1', score: 0.5 },
        { tokens: 80, chunkId: 'c_9', sourceId: 'src_1', score: 0.4, cited: true },
      ],
    },
    {
      kind: 'history',
      tokens: 18,
      items: [
        { tokens: 9, seq: 15, searched: true },
        { tokens: 9, seq: 16 },
      ],
    },
    { kind: 'message', tokens: 9, items: [{ tokens: 9, seq: 17 }] },
  ],
  leftOut: [
    { kind: 'history', seq: 3, reason: 'window' },
    { kind: 'knowledge', chunkId: 'c_2', reason: 'budget' },
    { kind: 'facts', reference: 'fact_2', messageId: 'msg_3', reason: 'duplicate' },
    { kind: 'summary', reason: 'budget' },
    { kind: 'recall', messageId: 'msg_4', reason: 'duplicate' },
  ],
  attempts: [
    { model: 'a/b', status: 'failed', error: 'timeout', firstTokenMs: null, totalMs: 12, usage: null },
    {
      model: 'c/d',
      status: 'ok',
      error: null,
      firstTokenMs: 3,
      totalMs: 9,
      usage: {
        inputTokens: 100,
        outputTokens: 20,
        cachedTokens: 60,
        cacheWriteTokens: 30,
        reasoningTokens: 5,
        estimated: false,
      },
    },
    {
      model: 'e/f',
      status: 'ok',
      error: null,
      firstTokenMs: 3,
      totalMs: 9,
      usage: { inputTokens: 1, outputTokens: 2, estimated: true },
    },
  ],
  timingsMs: { model: 21 },
  cost: { currency: 'USD', input: 0.1, output: 0.2, total: 0.3 },
};

it('a receipt is read as it was stored', () => {
  expect(unpackReceipt(packReceipt(receipt))).toEqual(receipt);
});

it('so is one without a cost', () => {
  expect(unpackReceipt(packReceipt({ ...receipt, cost: null })).cost).toBeNull();
});
