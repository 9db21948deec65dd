import type { ModelUsage } from '../../core/turn/chat-model.ts';
import type { JsonRecord } from '../exchange/json.ts';
import { asCount, usageOf } from '../exchange/token-count.ts';

/**
 * The counts of one answer, whose `usage` may come in two halves: what was read in `message_start`, what was written in
 * `message_delta`, where later values replace earlier ones. Null where one of the two is missing or cannot be right.
 */
export const mapUsage = (usage: JsonRecord): ModelUsage | null => {
  const uncached = asCount(usage.input_tokens);
  const outputTokens = asCount(usage.output_tokens);
  // `input_tokens` leaves out what came from the cache, and what went into it
  const cached = asCount(usage.cache_read_input_tokens ?? 0);
  const cacheWrite = asCount(usage.cache_creation_input_tokens ?? 0);
  if (uncached === null || outputTokens === null || cached === null || cacheWrite === null) return null;
  const inputTokens = asCount(uncached + cached + cacheWrite);
  return inputTokens === null ? null : usageOf(inputTokens, outputTokens, { cached, cacheWrite });
};
