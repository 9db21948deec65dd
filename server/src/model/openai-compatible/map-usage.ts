import type { ModelUsage } from '../../core/turn/chat-model.ts';
import { asRecord, type JsonRecord } from '../exchange/json.ts';
import { asCount, usageOf } from '../exchange/token-count.ts';

/**
 * The token counts of one JSON value of an answer: in `usage`, or where Groq puts them. Null where there are none, or
 * none that can be right.
 */
export const mapUsage = (value: JsonRecord): ModelUsage | null => {
  const usage = asRecord(value.usage) ?? asRecord(asRecord(value.x_groq)?.usage);
  if (usage === null) return null;
  const inputTokens = asCount(usage.prompt_tokens ?? usage.input_tokens);
  const outputTokens = asCount(usage.completion_tokens ?? usage.output_tokens);
  if (inputTokens === null || outputTokens === null) return null;
  const input = asRecord(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const output = asRecord(usage.completion_tokens_details ?? usage.output_tokens_details);
  return usageOf(inputTokens, outputTokens, {
    // DeepSeek has a name of its own
    cached: input?.cached_tokens ?? usage.prompt_cache_hit_tokens,
    cacheWrite: input?.cache_write_tokens,
    reasoning: output?.reasoning_tokens,
  });
};
