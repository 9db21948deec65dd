import type { Migration } from './migration.ts';

/** Secrets that may be read again because they are none, and secrets that end while another takes their place. */
export const browsers: Migration = {
  name: '0002-browsers',
  up: () => [
    'alter table key_secrets add column public_secret text',
    'alter table encrypted_secrets add column expires_at bigint',
  ],
};
