import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { checkExportFile, type CheckedFile, ExportFileError, type ExportHeader, readLines } from './export-file.ts';
import { schemaStep } from './export-workspace.ts';
import { movedTables } from './moved-tables.ts';
import { parseRowLine, type Row } from './row-line.ts';
import type { Tables } from './tables.ts';

/** Rows of one transaction, and the characters of their lines: whoever else writes waits for no longer than that. */
const rowsPerBatch = 500;
const charactersPerBatch = 4_000_000;
/** Values of one statement, below what either database takes. */
const valuesPerStatement = 30_000;

export type ImportResult = {
  header: ExportHeader;
  /** Rows that an earlier import of the same file had written. */
  resumedAt: number;
  rows: number;
};

/** The name under which an import notes how far it has come. */
const markOf = ({ checksum }: CheckedFile): string => `import:${checksum}`;

/**
 * Adds what an export holds, in batches; each is one transaction with the note of how far it has come, so that an import
 * that was broken off goes on where it was. `admit` looks at the file before anything is written, and throws to refuse.
 * `parentId`: whose client the workspace may be, where that one is not in the file. Throws ExportFileError for a damaged
 * file, another schema, rows of workspaces that the file does not name, and workspaces that are there already.
 */
export const importWorkspace = async (
  tables: Tables,
  options: { path: string; parentId?: string | null; admit: (file: CheckedFile) => void },
): Promise<ImportResult> => {
  const file = await checkExportFile(options.path, { parentId: options.parentId ?? null });
  const { header } = file;
  if (header.schema !== schemaStep()) {
    throw new ExportFileError(
      `the export is of schema ${header.schema}, and this version has ${schemaStep()}: export with the same version`,
    );
  }
  options.admit(file);
  const resumedAt = await tables.transact((db) => begin(db, file));
  let position = 0;
  let batch: { table: string; row: Row }[] = [];
  let characters = 0;
  const write = async (): Promise<void> => {
    if (batch.length === 0) return;
    const rows = batch;
    const reached = position;
    await tables.transact(async (db) => {
      await insertRows(db, rows);
      await note(db, markOf(file), reached);
    });
    batch = [];
    characters = 0;
  };
  for await (const { line, number } of readLines(options.path)) {
    if (number === 1 || !line.startsWith('[')) continue;
    position += 1;
    if (position <= resumedAt) continue;
    batch.push(parseRowLine(line));
    characters += line.length;
    if (batch.length >= rowsPerBatch || characters >= charactersPerBatch) await write();
  }
  await write();
  await tables.transact(async (db) => {
    await db.deleteFrom('instance_settings').where('name', '=', markOf(file)).execute();
  });
  await tables.measure();
  return { header, resumedAt, rows: position };
};

/** Refuses workspaces that are there already, unless this very file was broken off; gives the rows that are written. */
const begin = async (db: Kysely<Schema>, file: CheckedFile): Promise<number> => {
  const { header } = file;
  const mark = await db
    .selectFrom('instance_settings')
    .select('value')
    .where('name', '=', markOf(file))
    .executeTakeFirst();
  if (mark) return Number(mark.value);
  for (const { name, workspaceColumn } of movedTables) {
    const { rows } = await sql<{ found: string }>`select ${sql.ref(workspaceColumn)} as found from ${sql.table(name)}
      where ${sql.ref(workspaceColumn)} in (${sql.join(header.workspaces)}) limit 1`.execute(db);
    const [row] = rows;
    if (row) {
      throw new ExportFileError(
        `there is something of workspace ${row.found} here already (in ${name}): nothing was added`,
      );
    }
  }
  await note(db, markOf(file), 0);
  return 0;
};

const note = async (db: Kysely<Schema>, name: string, position: number): Promise<void> => {
  const value = String(position);
  await db
    .insertInto('instance_settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
};

const insertRows = async (db: Kysely<Schema>, rows: readonly { table: string; row: Row }[]): Promise<void> => {
  for (const [table, listed] of Map.groupBy(rows, (each) => each.table)) {
    const columns = Object.keys(listed[0]?.row ?? {});
    const rowsPerStatement = Math.max(1, Math.floor(valuesPerStatement / columns.length));
    for (let at = 0; at < listed.length; at += rowsPerStatement) {
      const values = listed
        .slice(at, at + rowsPerStatement)
        .map(({ row }) => sql`(${sql.join(columns.map((column) => row[column] ?? null))})`);
      await sql`insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
        values ${sql.join(values)}`.execute(db);
    }
  }
};
