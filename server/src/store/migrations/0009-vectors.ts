import { expectedSizes } from '../expected-sizes.ts';
import type { Migration } from './migration.ts';

/** What passages mean, as vectors of an embedding model; exact, and quantised for the scan. */
export const vectors: Migration = {
  name: '0009-vectors',
  up: ({ binaryType, clusteredTable, reckonWith }) => [
    'alter table chunks add column content_hash text',
    'create index chunks_content on chunks (workspace_id, bot_id, content_hash)',
    ...['vectors', 'vector_codes'].map(
      (table) => `create table ${table} (
        workspace_id text not null,
        bot_id text not null,
        model text not null,
        content_hash text not null,
        ${table === 'vectors' ? 'vector' : 'code'} ${binaryType} not null,
        primary key (workspace_id, bot_id, model, content_hash)
      ) ${clusteredTable}`,
    ),
    `create table source_embeddings (
      workspace_id text not null,
      bot_id text not null,
      source_id text not null,
      model text not null,
      status text not null,
      embedded bigint not null,
      total bigint not null,
      error text,
      updated_at bigint not null,
      primary key (workspace_id, bot_id, source_id)
    ) ${clusteredTable}`,
    ...reckonWith(expectedSizes),
  ],
};
