import type { Migration } from './migration.ts';

/** What was passed over when a page was read; null stands for nothing. */
export const warnings: Migration = {
  name: '0015-warnings',
  up: () => ['alter table source_pages add column warnings text'],
};
