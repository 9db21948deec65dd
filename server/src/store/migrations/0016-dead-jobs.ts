import type { Migration } from './migration.ts';

/** Jobs that were given up are counted for the operator; those that live pay nothing for it. */
export const deadJobs: Migration = {
  name: '0016-dead-jobs',
  up: () => ["create index jobs_dead on jobs (kind) where status = 'dead'"],
};
