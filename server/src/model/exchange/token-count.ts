import type { ModelUsage } from '../../core/turn/chat-model.ts';

/** Above this a count is a mistake of the provider, and would spoil the sums: several times the largest context. */
const MAX_TOKENS_OF_ONE_REPLY = 50_000_000;

/** A count that can be right; else null. */
export const asCount = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS_OF_ONE_REPLY ? value : null;

/** What a provider says of the parts of its counts. */
export type UsageParts = { cached?: unknown; cacheWrite?: unknown; reasoning?: unknown };

/** A usage with those of its parts that were told and can be right: none is larger than what it is a part of. */
export const usageOf = (
  inputTokens: number,
  outputTokens: number,
  { cached, cacheWrite, reasoning }: UsageParts,
): ModelUsage => {
  const cachedTokens = partOf(cached, inputTokens);
  const cacheWriteTokens = partOf(cacheWrite, inputTokens - cachedTokens);
  const reasoningTokens = partOf(reasoning, outputTokens);
  return {
    inputTokens,
    outputTokens,
    ...(cachedTokens === 0 ? {} : { cachedTokens }),
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
    ...(reasoningTokens === 0 ? {} : { reasoningTokens }),
  };
};

const partOf = (value: unknown, whole: number): number => {
  const count = asCount(value) ?? 0;
  return count <= whole ? count : 0;
};
