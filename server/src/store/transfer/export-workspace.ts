import { type Kysely, sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { nextFingerprintName, secretFingerprintName } from '../../core/installation/installation-settings.ts';
import { migrations } from '../migrations/index.ts';
import type { Schema } from '../schema.ts';
import { exportFormat, type ExportHeader, type ExportTrailer, Tally } from './export-file.ts';
import { type MovedTable, movedTables } from './moved-tables.ts';
import { type Row, rowLine } from './row-line.ts';
import type { Tables } from './tables.ts';

/** Rows read at once; fewer where one may hold a whole document. */
const rowsPerPage = 500;
const rowsPerPageOfDocuments = 10;
const tablesOfDocuments = new Set<string>(['source_contents', 'source_bytes', 'idempotency_keys']);
/** Clients of clients, at most so deep: a loop of parents must end. */
const maxDepth = 20;

/** The last step of this version's schema. */
export const schemaStep = (): string => migrations.at(-1)?.name ?? '';

/**
 * Writes a workspace, and with `clients` those below it, as lines of JSON into the file at `path`, which is made anew: one
 * moment of the database, while servers go on. Null where there is no such workspace.
 */
export const exportWorkspace = (
  tables: Tables,
  options: { workspaceId: string; clients: boolean; path: string; at: number },
): Promise<ExportTrailer | null> =>
  tables.snapshot(async (db) => {
    const workspaces = await findWorkspaces(db, options);
    if (workspaces.length === 0) return null;
    const file = await open(options.path, 'w', 0o600);
    try {
      const header = await describe(db, workspaces, options.at);
      await file.write(`${JSON.stringify(header)}\n`);
      const tally = new Tally();
      for (const table of movedTables) {
        for (const workspaceId of workspaces) await writeTable(db, { table, workspaceId, file, tally });
      }
      const trailer = tally.trailer();
      await file.write(`${JSON.stringify(trailer)}\n`);
      await file.sync();
      return trailer;
    } finally {
      await file.close();
    }
  });

const findWorkspaces = async (
  db: Kysely<Schema>,
  { workspaceId, clients }: { workspaceId: string; clients: boolean },
): Promise<string[]> => {
  const root = await db.selectFrom('workspaces').select('id').where('id', '=', workspaceId).executeTakeFirst();
  if (!root) return [];
  const found = [root.id];
  if (!clients) return found;
  let parents = found.slice();
  for (let depth = 0; parents.length > 0 && depth < maxDepth; depth++) {
    const below = await db
      .selectFrom('workspaces')
      .select('id')
      .where('parent_id', 'in', parents)
      .orderBy('id')
      .execute();
    parents = below.map(({ id }) => id);
    found.push(...parents);
  }
  return found;
};

const describe = async (db: Kysely<Schema>, workspaces: string[], at: number): Promise<ExportHeader> => {
  const fingerprints = await db
    .selectFrom('instance_settings')
    .select('value')
    .where('name', 'in', [secretFingerprintName, nextFingerprintName])
    .orderBy('name')
    .execute();
  const counts: Record<string, number> = {};
  for (const { name, workspaceColumn } of movedTables) {
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}
      where ${sql.ref(workspaceColumn)} in (${sql.join(workspaces)})`
      .execute(db)
      .then((result) => result.rows[0] ?? { rows: 0 });
    counts[name] = rows;
  }
  return {
    parley_export: exportFormat,
    id: randomUUID(),
    schema: schemaStep(),
    created_at: at,
    workspaces,
    secret_fingerprints: fingerprints.map(({ value }) => value),
    counts,
  };
};

type Target = { table: MovedTable; workspaceId: string; file: FileHandle; tally: Tally };

const writeTable = async (db: Kysely<Schema>, { table, workspaceId, file, tally }: Target): Promise<void> => {
  let last: Row | null = null;
  for (;;) {
    const rows: readonly Row[] = await readRows(db, table, { workspaceId, after: last });
    const lines = rows.map((row) => rowLine(table.name, row));
    for (const line of lines) tally.add(table.name, line);
    if (lines.length > 0) await file.write(`${lines.join('\n')}\n`);
    last = rows.at(-1) ?? null;
    if (last === null || table.key.length === 0 || rows.length < pageSize(table)) return;
  }
};

const pageSize = ({ name }: MovedTable): number => (tablesOfDocuments.has(name) ? rowsPerPageOfDocuments : rowsPerPage);

/** The next rows of a workspace, in the order of their key. */
const readRows = async (
  db: Kysely<Schema>,
  table: MovedTable,
  { workspaceId, after }: { workspaceId: string; after: Row | null },
): Promise<Row[]> => {
  const key = table.key.map((column) => sql.ref(column));
  const behind =
    after === null || key.length === 0
      ? sql``
      : sql`and (${sql.join(key)}) > (${sql.join(table.key.map((column) => after[column]))})`;
  const order = key.length === 0 ? sql`` : sql`order by ${sql.join(key)}`;
  const { rows } = await sql<Row>`select * from ${sql.table(table.name)}
    where ${sql.ref(table.workspaceColumn)} = ${workspaceId} ${behind} ${order} limit ${pageSize(table)}`.execute(db);
  return rows;
};
