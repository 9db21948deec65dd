import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { ModelUsage } from '../../core/turn/chat-model.ts';
import { asCount, usageOf } from '../exchange/token-count.ts';

/** The counts as a vendor's package has put them together; null where one is missing or cannot be right. */
export const mapUsage = ({ inputTokens, outputTokens }: LanguageModelV4Usage): ModelUsage | null => {
  const input = asCount(inputTokens.total);
  const output = asCount(outputTokens.total);
  // Packages count what was not told as nothing, and no request reads nothing.
  if (input === null || output === null || input === 0) return null;
  return usageOf(input, output, {
    cached: inputTokens.cacheRead,
    cacheWrite: inputTokens.cacheWrite,
    reasoning: outputTokens.reasoning,
  });
};
