import { factKey } from './fact.ts';
import { isSecret, standsIn } from './verify-fact.ts';

/** Facts taken from one answer. */
const maxAnswerFacts = 30;
const maxNameCharacters = 64;
const maxValueCharacters = 256;
/** What the model itself is not sure of is not kept. */
const minConfidence = 0.5;
/** An answer that is longer is none. */
const maxAnswerCharacters = 50_000;

/** A fact that a message holds: `message` counts from 0. */
export type FoundFact = { message: number; name: string; value: string; confidence: number };

/**
 * The facts of a model's answer, as far as they can be believed: whatever it wrote, only what has the right form and
 * whose words stand in the message that it names is taken. Null where there is no JSON of the right form at all.
 */
export const readFactAnswer = (answer: string, messages: readonly string[]): FoundFact[] | null => {
  const entries = readEntries(answer);
  return entries && entries.slice(0, maxAnswerFacts).flatMap((entry) => readFact(entry, messages) ?? []);
};

/** Models put fences and sentences around JSON: what counts is from the first brace to the last. */
const readEntries = (answer: string): unknown[] | null => {
  const start = answer.indexOf('{');
  const end = answer.lastIndexOf('}');
  if (start < 0 || end < start || answer.length > maxAnswerCharacters) return null;
  try {
    const value: unknown = JSON.parse(answer.slice(start, end + 1));
    const facts = isRecord(value) ? value['facts'] : null;
    return Array.isArray(facts) ? facts : null;
  } catch {
    return null;
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const readFact = (entry: unknown, messages: readonly string[]): FoundFact | null => {
  if (!isRecord(entry)) return null;
  const { message, name, value, confidence } = entry;
  if (typeof name !== 'string' || typeof value !== 'string' || typeof message !== 'number') return null;
  const text = messages[message - 1];
  const sure = typeof confidence === 'number' ? Math.min(1, confidence) : 1;
  if (text === undefined || !(sure >= minConfidence)) return null;
  const fact = { name: factKey(name), value: value.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim() };
  const fits = fact.name !== '' && fact.name.length <= maxNameCharacters && fact.value.length <= maxValueCharacters;
  if (!fits || !fact.value.isWellFormed() || isSecret(fact.name, fact.value) || !standsIn(fact.value, text))
    return null;
  return { message: message - 1, ...fact, confidence: sure };
};
