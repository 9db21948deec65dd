import type { Migration } from './migration.ts';

/** A question brings the stems of the languages that a bot's sources are in, and of no others. */
export const languages: Migration = {
  name: '0010-languages',
  up: () => ["alter table sources add column languages text not null default ''"],
};
