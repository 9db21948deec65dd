import type { VectorOutcome } from '../knowledge/vector-search.ts';
import type { AttemptUsage, LeftOut, ModelAttempt, Receipt, ReceiptItem, ReceiptKind, TurnCost } from './receipt.ts';

/**
 * A receipt as it is stored: values by position instead of by name, a fifth of the size. It is written with every turn
 * and seldom read.
 */
type PackedReceipt = [
  limitTokens: number,
  usedTokens: number,
  sections: [kind: ReceiptKind, tokens: number, items: PackedItem[]][],
  leftOut: [kind: ReceiptKind, reason: LeftOut['reason'], place: number | string | null | PackedReference][],
  attempts: PackedAttempt[],
  timingsMs: Record<string, number>,
  cost: [currency: string, input: number, output: number, total: number] | null,
  // at its end, and left out where it is null: receipts of earlier versions have none
  vectors?: VectorOutcome,
];

type PackedAttempt = [
  model: ModelAttempt['model'],
  status: ModelAttempt['status'],
  error: ModelAttempt['error'],
  firstTokenMs: number | null,
  totalMs: number,
  usage: PackedUsage | null,
];

/** Those from and for a cache, and hidden thinking, are zero where nothing was said of them. */
type PackedUsage = [
  estimated: 0 | 1,
  inputTokens: number,
  outputTokens: number,
  cachedTokens: number,
  cacheWriteTokens: number,
  reasoningTokens: number,
];

/** A message by its place, a passage by its ids and score, or a text that is composed again by its hash. */
type PackedItem =
  | [tokens: number, seq: number, searched?: 1]
  | [tokens: number, chunkId: string, sourceId: string, score: number, cited?: 1]
  | [tokens: number, hash: string]
  | [tokens: number]
  | [tokens: number, remembered: PackedReference];

/** What is remembered: `o` its origin, `r` its reference, `m` the message it came from, `s` how well it fits. */
type PackedReference = { o?: NonNullable<ReceiptItem['origin']>; r?: string; m?: string; s?: number };

export const packReceipt = (receipt: Receipt): string => {
  const packed: PackedReceipt = [
    receipt.budget.limitTokens,
    receipt.budget.usedTokens,
    receipt.sections.map(({ kind, tokens, items }) => [kind, tokens, items.map(packItem)]),
    receipt.leftOut.map((left) => [left.kind, left.reason, left.seq ?? left.chunkId ?? packReference(left)]),
    receipt.attempts.map(({ model, status, error, firstTokenMs, totalMs, usage }) => [
      model,
      status,
      error,
      firstTokenMs,
      totalMs,
      usage && packUsage(usage),
    ]),
    receipt.timingsMs,
    receipt.cost && packCost(receipt.cost),
    ...(receipt.vectors ? [receipt.vectors] : []),
  ] as PackedReceipt;
  return JSON.stringify(packed);
};

/** What was sent to the model, in tokens, without unpacking the rest; 0 where the receipt does not say. */
export const usedTokensOf = (packed: string): number => {
  const [, usedTokens] = JSON.parse(packed) as Partial<PackedReceipt>;
  return usedTokens ?? 0;
};

export const unpackReceipt = (packed: string): Receipt => {
  const [limitTokens, usedTokens, sections, leftOut, attempts, timingsMs, cost, vectors] = JSON.parse(
    packed,
  ) as PackedReceipt;
  return {
    budget: { limitTokens, usedTokens },
    sections: sections.map(([kind, tokens, items]) => ({ kind, tokens, items: items.map(unpackItem) })),
    leftOut: leftOut.map(([kind, reason, place]) => ({
      kind,
      reason,
      ...(typeof place === 'number' ? { seq: place } : {}),
      ...(typeof place === 'string' ? { chunkId: place } : {}),
      ...(typeof place === 'object' && place !== null ? unpackReference(place) : {}),
    })),
    attempts: attempts.map(([model, status, error, firstTokenMs, totalMs, usage]) => ({
      model,
      status,
      error,
      firstTokenMs,
      totalMs,
      usage: usage && unpackUsage(usage),
    })),
    timingsMs,
    cost: cost && unpackCost(cost),
    ...(vectors === undefined ? {} : { vectors }),
  };
};

const packUsage = ({ estimated, inputTokens, outputTokens, ...parts }: AttemptUsage): PackedUsage => {
  const { cachedTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = parts;
  return [estimated ? 1 : 0, inputTokens, outputTokens, cachedTokens, cacheWriteTokens, reasoningTokens];
};

const unpackUsage = ([
  estimated,
  inputTokens,
  outputTokens,
  cached,
  cacheWrite,
  reasoning,
]: PackedUsage): AttemptUsage => ({
  inputTokens,
  outputTokens,
  ...(cached === 0 ? {} : { cachedTokens: cached }),
  ...(cacheWrite === 0 ? {} : { cacheWriteTokens: cacheWrite }),
  ...(reasoning === 0 ? {} : { reasoningTokens: reasoning }),
  estimated: estimated === 1,
});

const packCost = ({ currency, input, output, total }: TurnCost): PackedReceipt[6] => [currency, input, output, total];

const unpackCost = ([currency, input, output, total]: NonNullable<PackedReceipt[6]>): TurnCost => ({
  currency,
  input,
  output,
  total,
});

/** Null where it is none of those. */
const packReference = ({
  origin,
  reference,
  messageId,
  score,
}: Pick<ReceiptItem, 'origin' | 'reference' | 'messageId' | 'score'>): PackedReference | null =>
  origin === undefined && reference === undefined && messageId === undefined
    ? null
    : {
        ...(origin === undefined ? {} : { o: origin }),
        ...(reference === undefined ? {} : { r: reference }),
        ...(messageId === undefined ? {} : { m: messageId }),
        ...(score === undefined ? {} : { s: Math.round(score * 1_000) / 1_000 }),
      };

const unpackReference = ({ o, r, m, s }: PackedReference) => ({
  ...(o === undefined ? {} : { origin: o }),
  ...(r === undefined ? {} : { reference: r }),
  ...(m === undefined ? {} : { messageId: m }),
  ...(s === undefined ? {} : { score: s }),
});

const packItem = (item: ReceiptItem): PackedItem => {
  const { tokens, seq, chunkId, sourceId, score, hash } = item;
  const remembered = packReference(item);
  if (remembered) return [tokens, remembered];
  if (seq !== undefined) return item.searched ? [tokens, seq, 1] : [tokens, seq];
  if (chunkId !== undefined) {
    const rounded = Math.round((score ?? 0) * 1_000) / 1_000;
    return item.cited ? [tokens, chunkId, sourceId ?? '', rounded, 1] : [tokens, chunkId, sourceId ?? '', rounded];
  }
  return hash === undefined ? [tokens] : [tokens, hash];
};

const unpackItem = (item: PackedItem): ReceiptItem => {
  const [tokens, place, third, score, cited] = item;
  if (typeof place === 'object') return { tokens, ...unpackReference(place) };
  if (typeof place === 'number') return { tokens, seq: place, ...(third === 1 ? { searched: true } : {}) };
  if (typeof third === 'string' && score !== undefined && place !== undefined) {
    return { tokens, chunkId: place, sourceId: third, score, ...(cited === 1 ? { cited: true } : {}) };
  }
  return place === undefined ? { tokens } : { tokens, hash: place };
};
