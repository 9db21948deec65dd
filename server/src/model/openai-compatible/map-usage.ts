import type { ChatModelReply } from '../../core/turn/chat-model.ts';
import { asRecord, type JsonRecord } from './json.ts';

/** Above this a count is a mistake of the provider, and would spoil the sums. */
const MAX_TOKENS_OF_ONE_REPLY = 1_000_000_000;

const asCount = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS_OF_ONE_REPLY ? value : null;

/**
 * The token counts of one JSON value of an answer: in `usage`, or where Groq puts them. Null where there are none, or
 * none that can be right.
 */
export const mapUsage = (value: JsonRecord): ChatModelReply['usage'] => {
  const usage = asRecord(value.usage) ?? asRecord(asRecord(value.x_groq)?.usage);
  if (usage === null) return null;
  const inputTokens = asCount(usage.prompt_tokens ?? usage.input_tokens);
  const outputTokens = asCount(usage.completion_tokens ?? usage.output_tokens);
  return inputTokens === null || outputTokens === null ? null : { inputTokens, outputTokens };
};
