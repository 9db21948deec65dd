import { foldedWords, type SaidWord } from './said-words.ts';

/** One place of a phrase: what may stand there, each in its words. */
type Step = { choices: readonly (readonly string[])[]; optional: boolean };

/** A phrase as `CourtesyPhrases` writes it. */
export type PhrasePattern = {
  steps: readonly Step[];
  /** It counts only where one pauses behind it. */
  pauses: boolean;
  /** What follows, up to a pause, belongs to it. */
  goesOn: boolean;
};

export const readPattern = (written: string): PhrasePattern => {
  const pauses = written.endsWith(',');
  const goesOn = written.endsWith('...');
  const steps = written
    .replace(/,$|\.\.\.$/, '')
    .trim()
    .split(/\s+/)
    .map((step) => {
      const optional = step.startsWith('[');
      const choices = (optional ? step.slice(1, -1) : step).split('|').map((choice) => choice.replaceAll('_', ' '));
      return { optional, choices: choices.map(foldedWords) };
    });
  return { steps, pauses, goesOn };
};

/** The words that the phrase may begin with. */
export const firstWords = ({ steps }: PhrasePattern): string[] =>
  reachableSteps(steps).flatMap(({ choices }) => choices.flatMap(([word = '']) => word));

/** The words that the phrase may end with, but for what it goes on with. */
export const lastWords = ({ steps }: PhrasePattern): string[] =>
  reachableSteps(steps.toReversed()).flatMap(({ choices }) => choices.flatMap((words) => words.at(-1) ?? ''));

/** The steps up to the first that cannot be left out. */
const reachableSteps = (steps: readonly Step[]): readonly Step[] =>
  steps.slice(0, steps.findIndex(({ optional }) => !optional) + 1);

/** The places behind the phrase where it stands at `from`; more than one where it has several forms. */
export const endsOf = ({ steps }: PhrasePattern, said: readonly SaidWord[], from: number): number[] => {
  let ends: number[] = [from];
  for (const step of steps) {
    const behind: number[] = [];
    for (const at of ends) addEndsOfStep(step, { said, at, ends: behind });
    // most phrases end here: they share no more than their first word with what is said
    if (behind.length === 0) return behind;
    ends = behind;
  }
  return ends.filter((end) => end > from);
};

const addEndsOfStep = (
  { choices, optional }: Step,
  { said, at, ends }: { said: readonly SaidWord[]; at: number; ends: number[] },
): void => {
  if (optional && !ends.includes(at)) ends.push(at);
  for (const words of choices) {
    if (standsAt(words, said, at) && !ends.includes(at + words.length)) ends.push(at + words.length);
  }
};

const standsAt = (words: readonly string[], said: readonly SaidWord[], at: number): boolean => {
  for (let offset = 0; offset < words.length; offset++) if (said[at + offset]?.text !== words[offset]) return false;
  return true;
};
