import { expectedSizes } from '../expected-sizes.ts';
import type { Migration } from './migration.ts';

/**
 * A source has pages, and each page versions of its passages: `chunks.revision` and `postings.revision` are the number of
 * a version, which is counted through all pages of a source. What was one revision of a source becomes its only page.
 */
export const pages: Migration = {
  name: '0007-pages',
  up: ({ binaryType, clusteredTable, reckonWith }) => [
    'alter table sources add column last_version bigint not null default 0',
    'alter table sources add column listed_round bigint not null default 0',
    'alter table sources add column pages_known bigint not null default 0',
    'alter table sources add column pages_done bigint not null default 0',
    'alter table sources add column pages_failed bigint not null default 0',
    'alter table chunks add column page bigint',
    'alter table chunks add column anchor text',
    `create table source_pages (
      workspace_id text not null,
      bot_id text not null,
      source_id text not null,
      number bigint not null,
      id text not null,
      url text,
      url_hash text not null,
      depth bigint not null,
      title text,
      status text not null,
      error text,
      failures bigint not null,
      due_at bigint not null,
      listed_round bigint not null,
      read_round bigint not null,
      etag text,
      last_modified text,
      content_hash text,
      version bigint,
      pending_version bigint,
      chunk_count bigint not null,
      term_count bigint not null,
      fetched_at bigint,
      created_at bigint not null,
      primary key (workspace_id, bot_id, source_id, number)
    ) ${clusteredTable}`,
    'create index source_pages_version on source_pages (workspace_id, bot_id, source_id, version)',
    'create unique index source_pages_url on source_pages (workspace_id, bot_id, source_id, url_hash)',
    'create index source_pages_id on source_pages (workspace_id, bot_id, source_id, id)',
    `create table source_bytes (
      workspace_id text not null,
      bot_id text not null,
      source_id text not null,
      part bigint not null,
      bytes ${binaryType} not null,
      primary key (workspace_id, bot_id, source_id, part)
    ) ${clusteredTable}`,
    `create table retired_versions (
      workspace_id text not null,
      bot_id text not null,
      source_id text not null,
      version bigint not null,
      primary key (workspace_id, bot_id, source_id, version)
    ) ${clusteredTable}`,
    `insert into source_pages
      select workspace_id, bot_id, id, 0, 'page_' || substr(id, 5), null, '', 0, null,
        case when ready_revision is null then 'waiting' else 'ready' end, null, 0, 0, revision,
        case when status = 'ready' then revision else revision - 1 end, null, null, null, ready_revision, null,
        chunk_count, term_count, null, created_at
      from sources`,
    `update sources set last_version = revision, pages_known = 1,
      pages_done = case when status in ('ready', 'failed') then 1 else 0 end,
      pages_failed = case when status = 'failed' then 1 else 0 end`,
    `insert into retired_versions
      select distinct workspace_id, bot_id, source_id, revision from chunks
      where not exists (select 1 from source_pages
        where source_pages.workspace_id = chunks.workspace_id and source_pages.bot_id = chunks.bot_id
        and source_pages.source_id = chunks.source_id and source_pages.version = chunks.revision)`,
    ...reckonWith(expectedSizes),
  ],
};
