import { expectedSizes } from '../expected-sizes.ts';
import type { Migration } from './migration.ts';

/**
 * A lane takes jobs of its kinds alone: what waits of others, however much it is, is not read. Those that were given up are
 * counted for the operator, and removed by their age.
 */
export const jobsByKind: Migration = {
  name: '0016-jobs-by-kind',
  up: ({ reckonWith }) => [
    "create index jobs_kind on jobs (kind, run_at, id) where status = 'waiting'",
    "create index jobs_dead on jobs (kind) where status = 'dead'",
    "create index jobs_dead_age on jobs (created_at) where status = 'dead'",
    ...reckonWith(expectedSizes),
  ],
};
