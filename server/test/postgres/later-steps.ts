import { migrations } from '../../src/store/migrations/index.ts';
import type { Migration } from '../../src/store/migrations/migration.ts';

/** The steps of a version that is one ahead of this one, by these statements. */
export const laterSteps = (statements: string[]): readonly Migration[] => [
  ...migrations,
  { name: '9999-of-a-later-version', up: () => statements },
];
