import { estimateTokens } from '../../kit/token-estimate.ts';
import { factKey } from '../memory/fact.ts';
import type { KnownFact } from '../memory/known-facts.ts';
import type { LeftOut } from './receipt.ts';

/** Words that a model's dialect puts around a fact: its origin and its date. */
const framingTokens = 8;
/** The part of what is left beside instructions and message that facts may take, and how many tokens at most. */
const factShare = 0.15;
const maxFactTokens = 1_000;
/** The part of what is left for the history that a summary of what came before it may take. */
export const summaryShare = 0.3;

export type ChosenFact = KnownFact & { tokens: number };

/** The most telling facts that fit; `named` are told with the call itself, and not again. */
export const chooseFacts = (
  facts: readonly KnownFact[],
  { available, named }: { available: number; named: readonly string[] },
  leftOut: LeftOut[],
): ChosenFact[] => {
  const taken = new Set(named.map(factKey));
  const chosen: ChosenFact[] = [];
  let left = Math.min(available * factShare, maxFactTokens);
  for (const fact of facts) {
    const tokens = estimateTokens(fact.name) + estimateTokens(fact.value) + framingTokens;
    const reason = taken.has(factKey(fact.name)) ? 'duplicate' : tokens > left ? 'budget' : null;
    if (reason) {
      leftOut.push({ kind: 'facts', reference: fact.reference, ...messageOf(fact), reason });
      continue;
    }
    left -= tokens;
    chosen.push({ ...fact, tokens });
  }
  return chosen;
};

export const messageOf = ({ messageId }: KnownFact): { messageId?: string } =>
  messageId === null ? {} : { messageId };
