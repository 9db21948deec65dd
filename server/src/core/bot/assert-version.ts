import { ParleyError } from '../error.ts';
import type { Bot } from './bot.ts';

/** Throws version_mismatch where a change is meant for another version than the current one; null: for any. */
export const assertVersion = ({ version }: Pick<Bot, 'version'>, expected: number | null): void => {
  if (expected === null || expected === version) return;
  throw new ParleyError(
    'version_mismatch',
    `The bot is at version ${version}, not ${expected}. Read it again, then repeat the change.`,
  );
};
