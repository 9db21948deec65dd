import type { Migration } from './migration.ts';
import { foundation } from './0001-foundation.ts';
import { browsers } from './0002-browsers.ts';
import { tenants } from './0003-tenants.ts';
import { administration } from './0004-administration.ts';
import { users } from './0005-users.ts';
import { webhooks } from './0006-webhooks.ts';
import { pages } from './0007-pages.ts';
import { memory } from './0008-memory.ts';
import { vectors } from './0009-vectors.ts';
import { languages } from './0010-languages.ts';
import { recall } from './0011-recall.ts';
import { warnings } from './0015-warnings.ts';
import { jobsByKind } from './0016-jobs-by-kind.ts';
import { revokedKeys } from './0017-revoked-keys.ts';

/** In the order of their application; only ever added to. */
export const migrations: readonly Migration[] = [
  foundation,
  browsers,
  tenants,
  administration,
  users,
  webhooks,
  pages,
  memory,
  vectors,
  languages,
  recall,
  warnings,
  jobsByKind,
  revokedKeys,
];
