import type { MovedTable } from './moved-tables.ts';

/** A row as it stands in the file: bytes are not decoded. */
export type RawRow = Readonly<Record<string, unknown>>;

/** The workspace that a row belongs to, and those that its other columns point to. */
export type NamedWorkspaces = { owner: unknown; others: readonly string[] };

/** An id of a workspace within a text that holds ids and nothing else. */
const workspaceId = /\bws_\w+/gu;

const idsIn = (value: unknown): readonly string[] =>
  typeof value === 'string' ? (value.match(workspaceId) ?? []) : [];

/** What has another form than an id is no workspace's that there is. */
const asId = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const idIn = (value: unknown): readonly string[] => (value === null || value === undefined ? [] : [asId(value)]);

/** Of `packOwners`. */
const ownersIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'string') return idIn(value);
  try {
    const pairs: unknown = JSON.parse(value);
    return Array.isArray(pairs)
      ? pairs.map((pair: unknown) => asId(Array.isArray(pair) ? pair[0] : pair))
      : [asId(pairs)];
  } catch {
    return [value];
  }
};

const pointers: Partial<Record<MovedTable['name'], (row: RawRow) => readonly string[]>> = {
  workspaces: (row) => idIn(row['parent_id']),
  // below its root a tree names bots and users
  quota_owners: (row) => (row['id'] === row['workspace_id'] ? idIn(row['parent_id']) : idsIn(row['parent_id'])),
  turns: (row) => ownersIn(row['quota_owners']),
  jobs: (row) => [...idsIn(row['payload']), ...idsIn(row['dedupe_key'])],
};

/**
 * Every workspace that a row names. Beside the column that it belongs by there are few: of a client the agency, which sees
 * it and whose quota it may use; of a turn those whose quotas it counts on; of a job what it works on.
 */
export const namedWorkspaces = ({ name, workspaceColumn }: MovedTable, row: RawRow): NamedWorkspaces => ({
  owner: row[workspaceColumn],
  others: pointers[name]?.(row) ?? [],
});
