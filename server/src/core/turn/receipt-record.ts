import type { LeftOut, ModelAttempt, Receipt, ReceiptItem, ReceiptKind } from './receipt.ts';

/**
 * A receipt as it is stored: values by position instead of by name, a fifth of the size. It is written with every turn
 * and seldom read.
 */
type PackedReceipt = [
  limitTokens: number,
  usedTokens: number,
  sections: [kind: ReceiptKind, tokens: number, items: PackedItem[]][],
  leftOut: [kind: ReceiptKind, reason: LeftOut['reason'], place: number | string | null][],
  attempts: [ModelAttempt['model'], ModelAttempt['status'], ModelAttempt['error'], number | null, number][],
  timingsMs: Record<string, number>,
];

/** A message by its place, a passage by its ids and score, or a text that is composed again by its hash. */
type PackedItem =
  | [tokens: number, seq: number]
  | [tokens: number, chunkId: string, sourceId: string, score: number]
  | [tokens: number, hash: string]
  | [tokens: number];

export const packReceipt = (receipt: Receipt): string => {
  const packed: PackedReceipt = [
    receipt.budget.limitTokens,
    receipt.budget.usedTokens,
    receipt.sections.map(({ kind, tokens, items }) => [kind, tokens, items.map(packItem)]),
    receipt.leftOut.map(({ kind, reason, seq, chunkId }) => [kind, reason, seq ?? chunkId ?? null]),
    receipt.attempts.map(({ model, status, error, firstTokenMs, totalMs }) => [
      model,
      status,
      error,
      firstTokenMs,
      totalMs,
    ]),
    receipt.timingsMs,
  ];
  return JSON.stringify(packed);
};

export const unpackReceipt = (packed: string): Receipt => {
  const [limitTokens, usedTokens, sections, leftOut, attempts, timingsMs] = JSON.parse(packed) as PackedReceipt;
  return {
    budget: { limitTokens, usedTokens },
    sections: sections.map(([kind, tokens, items]) => ({ kind, tokens, items: items.map(unpackItem) })),
    leftOut: leftOut.map(([kind, reason, place]) => ({
      kind,
      reason,
      ...(typeof place === 'number' ? { seq: place } : {}),
      ...(typeof place === 'string' ? { chunkId: place } : {}),
    })),
    attempts: attempts.map(([model, status, error, firstTokenMs, totalMs]) => ({
      model,
      status,
      error,
      firstTokenMs,
      totalMs,
    })),
    timingsMs,
  };
};

const packItem = ({ tokens, seq, chunkId, sourceId, score, hash }: ReceiptItem): PackedItem => {
  if (seq !== undefined) return [tokens, seq];
  if (chunkId !== undefined) return [tokens, chunkId, sourceId ?? '', Math.round((score ?? 0) * 1_000) / 1_000];
  return hash === undefined ? [tokens] : [tokens, hash];
};

const unpackItem = (item: PackedItem): ReceiptItem => {
  const [tokens, place, sourceId, score] = item;
  if (typeof place === 'number') return { tokens, seq: place };
  if (sourceId !== undefined && score !== undefined && place !== undefined) {
    return { tokens, chunkId: place, sourceId, score };
  }
  return place === undefined ? { tokens } : { tokens, hash: place };
};
