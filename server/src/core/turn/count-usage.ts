import { estimateTokens } from '../../kit/token-estimate.ts';
import { passageHeading } from '../knowledge/passage-heading.ts';
import type { CallResult, ModelCandidate } from './call-model.ts';
import type { ModelContext } from './context.ts';
import type { AttemptUsage, ModelAttempt } from './receipt.ts';

/** Words that a model's dialect puts around a message. */
const framingTokens = 4;

export type CountTokens = (text: string) => Promise<number>;

/** Told what the attempts at these candidates used, for the operator. It must cost next to nothing, and not throw. */
export type NoteUsage = (candidates: readonly ModelCandidate[], attempts: readonly ModelAttempt[]) => void;

/** What was sent and what came, for a provider that does not say how much that was. */
export type Counted = { context: ModelContext; text: string; usedTokens: number };

/**
 * The attempts of a call with what each used. A provider's own count holds; where the attempt that gave the reply has
 * none, or one that cannot be right, it is counted here and marked as estimated.
 */
export const withUsage = async (
  result: CallResult,
  counted: Counted,
  countTokens: CountTokens,
): Promise<ModelAttempt[]> => {
  const last = result.attempts.findLast(({ status }) => status !== 'skipped');
  if (last === undefined || isPlausible(last.usage, counted.text)) return result.attempts;
  if (counted.text === '' && result.kind !== 'completed') return result.attempts;
  // Whoever cancels waits for the answer: what was cut off is estimated at once.
  const usage = result.kind === 'completed' ? await countUsage(counted, countTokens) : estimateUsage(counted);
  return result.attempts.map((attempt) => (attempt === last ? { ...attempt, usage } : attempt));
};

/** Nobody reads nothing, and nobody writes a text of no tokens. */
const isPlausible = (usage: AttemptUsage | null, text: string): boolean =>
  usage !== null && usage.inputTokens > 0 && (usage.outputTokens > 0 || text === '');

const countUsage = async ({ context, text }: Counted, countTokens: CountTokens): Promise<AttemptUsage> => {
  const [inputTokens, outputTokens] = await Promise.all([countTokens(textOf(context)), countTokens(text)]);
  const messages = context.history.length + context.messages.length + 1;
  return { inputTokens: inputTokens + messages * framingTokens, outputTokens, estimated: true };
};

const estimateUsage = ({ text, usedTokens }: Counted): AttemptUsage => ({
  inputTokens: usedTokens,
  outputTokens: estimateTokens(text),
  estimated: true,
});

const textOf = (context: ModelContext): string => {
  // by its parts, so that none can be forgotten
  const texts: { [Part in keyof ModelContext]: readonly string[] } = {
    // what a model is told of these two stands in the instructions
    bot: [],
    inlineCitations: [],
    instructions: [context.instructions],
    facts: context.facts.map((pair) => pair.join(': ')),
    known: context.known.map(({ name, value }) => `${name}: ${value}`),
    summary: context.summary === null ? [] : [context.summary],
    recall: context.recall.map(({ role, text }) => `${role}: ${text}`),
    passages: context.passages.map(({ title, headings, text }) => `${passageHeading(title, headings)}\n${text}`),
    history: context.history.map(({ text }) => text),
    messages: context.messages.map(({ text }) => text),
  };
  return Object.values(texts).flat().join('\n');
};
