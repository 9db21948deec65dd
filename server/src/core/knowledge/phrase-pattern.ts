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
export const firstWords = ({ steps }: PhrasePattern): string[] => {
  const must = steps.findIndex(({ optional }) => !optional);
  return steps.slice(0, must + 1).flatMap(({ choices }) => choices.flatMap(([word = '']) => word));
};

/** The places behind the phrase where it stands at `from`; more than one where it has several forms. */
export const endsOf = ({ steps }: PhrasePattern, said: readonly SaidWord[], from: number): number[] => {
  let ends: readonly number[] = [from];
  for (const step of steps) ends = [...new Set(ends.flatMap((at) => endsOfStep(step, said, at)))];
  return ends.filter((end) => end > from);
};

const endsOfStep = ({ choices, optional }: Step, said: readonly SaidWord[], at: number): number[] => {
  const ends = choices
    .filter((words) => words.every((word, offset) => said[at + offset]?.text === word))
    .map((words) => at + words.length);
  return optional ? [at, ...ends] : ends;
};
