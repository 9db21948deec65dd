import { expectedSizes } from '../expected-sizes.ts';
import type { Migration } from './migration.ts';

/** Keys that were revoked long ago are removed, and found along when that was. */
export const revokedKeys: Migration = {
  name: '0017-revoked-keys',
  up: ({ reckonWith }) => [
    'create index api_keys_revoked on api_keys (revoked_at) where revoked_at is not null',
    ...reckonWith(expectedSizes),
  ],
};
