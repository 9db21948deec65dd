import { type ModelCandidate, modelName } from './call-model.ts';
import type { ModelUsage } from './chat-model.ts';
import { type ModelPrice, type PriceList, priceOf } from './price-list.ts';
import type { ModelAttempt, TurnCost } from './receipt.ts';

const tokensPerPrice = 1_000_000;
/** Billionths of the currency: a token of the cheapest model costs some ten of them. */
const fractions = 1_000_000_000;

/**
 * What the attempts of a turn cost together; null where none used anything, or where one did whose price is not known,
 * since half a sum would look like a whole.
 */
export const costOf = (
  prices: PriceList,
  candidates: readonly ModelCandidate[],
  attempts: readonly ModelAttempt[],
): TurnCost | null => {
  let input = 0;
  let output = 0;
  let used = false;
  for (const { model, usage } of attempts) {
    if (usage === null) continue;
    const candidate = candidates.find((known) => modelName(known) === model);
    const price = candidate === undefined ? null : priceOf(prices, candidate);
    if (price === null) return null;
    const cost = costOfUsage(price, usage);
    input += cost.input;
    output += cost.output;
    used = true;
  }
  if (!used) return null;
  return { currency: prices.currency, input: round(input), output: round(output), total: round(input + output) };
};

const costOfUsage = (price: ModelPrice, usage: ModelUsage): { input: number; output: number } => {
  const { inputTokens, outputTokens, cachedTokens = 0, cacheWriteTokens = 0 } = usage;
  const { input, output, cachedInput, cacheWrite } =
    price.long !== null && inputTokens > price.long.aboveInputTokens ? price.long : price;
  const plain = inputTokens - cachedTokens - cacheWriteTokens;
  return {
    input: (plain * input + cachedTokens * cachedInput + cacheWriteTokens * cacheWrite) / tokensPerPrice,
    output: (outputTokens * output) / tokensPerPrice,
  };
};

const round = (amount: number): number => Math.round(amount * fractions) / fractions;
