import type { Env } from './env.ts';
import { type Variable, type VariableName, variables } from './variables.ts';

/** Reads one variable after another and gathers what is wrong, so that one start names every mistake. */
export type ValueReader = {
  readonly problems: string[];
  /** The text as given, or the initial one. */
  text(name: VariableName): string | null;
  /** A whole number within the range, both ends included. */
  integer(name: VariableName, min: number, max: number): number;
  /** Like `integer`, and null where the variable is not set. */
  optionalInteger(name: VariableName, min: number, max: number): number | null;
  oneOf<Choice extends string>(name: VariableName, choices: readonly [Choice, ...Choice[]]): Choice;
  /** Notes that a variable is wrong; its value is named unless it is a secret. */
  wrong(name: VariableName, mustBe: string): void;
};

export const valueReader = (env: Env): ValueReader => {
  const problems = [...env.problems];

  const text = (name: VariableName): string | null => env.values[name] ?? variables[name].initial;

  const wrong = (name: VariableName, mustBe: string): void => {
    const { secret }: Variable = variables[name];
    problems.push(secret ? `${name} ${mustBe}` : `${name} is ${JSON.stringify(text(name))}: it ${mustBe}`);
  };

  const optionalInteger = (name: VariableName, min: number, max: number): number | null => {
    const given = text(name);
    if (given === null) return null;
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    if (value >= min && value <= max) return value;
    wrong(name, `must be a whole number from ${min} to ${max}`);
    return min;
  };

  return {
    problems,
    text,
    wrong,
    optionalInteger,
    integer: (name, min, max) => optionalInteger(name, min, max) ?? min,
    oneOf: (name, choices) => {
      const chosen = choices.find((choice) => choice === text(name));
      if (chosen === undefined) wrong(name, `must be one of ${choices.join(', ')}`);
      return chosen ?? choices[0];
    },
  };
};
