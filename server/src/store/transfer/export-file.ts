import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type MovedTable, movedTables } from './moved-tables.ts';
import { namedWorkspaces, type RawRow } from './named-workspaces.ts';

/** Another form of the file is another number. */
export const exportFormat = 1;

/** The first line. */
export type ExportHeader = {
  parley_export: number;
  /** Of this file alone, so that an import that was broken off knows its own again. */
  id: string;
  /** The last step of the schema that the rows fit. */
  schema: string;
  created_at: number;
  /** The workspace first, then those of its clients that are in the file. */
  workspaces: string[];
  /** Of the secrets under which hashes and sealed values stand. */
  secret_fingerprints: string[];
  /** Rows by table. */
  counts: Record<string, number>;
};

/** The last line. `sha256`: over the table's lines, each with its line feed. */
export type ExportTrailer = { tables: Record<string, { rows: number; sha256: string }> };

/** What a file says of itself, once all of it was read. */
export type CheckedFile = {
  header: ExportHeader;
  /** Of the whole file: an import that was broken off goes on with this very one alone. */
  checksum: string;
  /** Whether a row hangs on the master secret under which it was written. */
  holdsSecrets: boolean;
};

/** Hashes of API keys, what is sealed, and stored answers, which may be. */
const tablesOfSecrets: readonly MovedTable['name'][] = ['key_secrets', 'encrypted_secrets', 'idempotency_keys'];

/** What is wrong with a file, as a sentence for the operator. */
export class ExportFileError extends Error {
  override readonly name = 'ExportFileError';
}

/** Counts and checksums of lines as they pass by. */
export class Tally {
  readonly #tables = new Map<string, { rows: number; hash: Hash }>();

  add(table: string, line: string): void {
    let tallied = this.#tables.get(table);
    if (!tallied) this.#tables.set(table, (tallied = { rows: 0, hash: createHash('sha256') }));
    tallied.rows += 1;
    tallied.hash.update(`${line}\n`);
  }

  /** Ends the tally. */
  trailer(): ExportTrailer {
    return {
      tables: Object.fromEntries(
        [...this.#tables].map(([table, { rows, hash }]) => [table, { rows, sha256: hash.digest('hex') }]),
      ),
    };
  }
}

/** The lines of a file, each with its number from 1. */
export async function* readLines(path: string): AsyncGenerator<{ line: string; number: number }> {
  const input = createReadStream(path, { encoding: 'utf8' });
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      yield { line, number };
    }
  } finally {
    input.destroy();
  }
}

const parse = (line: string, number: number): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    throw new ExportFileError(`line ${number} is not JSON: the file is damaged, or is no export of Parley's`);
  }
};

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

const parseHeader = (line: string): ExportHeader => {
  const header = parse(line, 1) as Partial<ExportHeader> | null;
  if (typeof header?.parley_export !== 'number') throw new ExportFileError("this is no export of Parley's");
  if (header.parley_export !== exportFormat) {
    throw new ExportFileError(`the file has the form ${header.parley_export}, and this version reads ${exportFormat}`);
  }
  const { id, workspaces, secret_fingerprints: fingerprints } = header;
  if (typeof id !== 'string' || !isStrings(workspaces) || workspaces.length === 0 || !isStrings(fingerprints)) {
    throw new ExportFileError('the first line is not as an export has it: the file is damaged');
  }
  return header as ExportHeader;
};

/**
 * Reads the whole file, compares it with what its last line says, and holds its rows to the workspaces that its first line
 * names. `parentId`: the only one beside them that rows may point to. Throws ExportFileError.
 */
export const checkExportFile = async (
  path: string,
  { parentId }: { parentId: string | null },
): Promise<CheckedFile> => {
  const tally = new Tally();
  const whole = createHash('sha256');
  let header: ExportHeader | null = null;
  let checkRow: CheckRow | null = null;
  let trailer: ExportTrailer | null = null;
  for await (const { line, number } of readLines(path)) {
    whole.update(`${line}\n`);
    if (header === null || checkRow === null) {
      header = parseHeader(line);
      checkRow = rowCheck(header, parentId);
      continue;
    }
    if (trailer !== null)
      throw new ExportFileError(`there is something behind the end of the export, in line ${number}`);
    const parsed = parse(line, number);
    if (Array.isArray(parsed)) {
      checkRow(parsed, number);
      tally.add(String(parsed[0]), line);
    } else trailer = parsed as ExportTrailer;
  }
  if (header === null) throw new ExportFileError('the file is empty');
  if (trailer === null) throw new ExportFileError('the file is cut off: its last line is missing');
  const found = tally.trailer();
  compare(found, trailer);
  return {
    header,
    checksum: whole.digest('hex'),
    holdsSecrets: tablesOfSecrets.some((table) => found.tables[table] !== undefined),
  };
};

type CheckRow = (parsed: readonly unknown[], number: number) => void;

/** Refuses rows of other tables and of other workspaces: who made the file need not be who the servers here belong to. */
const rowCheck = ({ workspaces }: ExportHeader, parentId: string | null): CheckRow => {
  const tables = new Map<unknown, MovedTable>(movedTables.map((table) => [table.name, table]));
  const own = new Set<unknown>(workspaces);
  return ([name, row], number) => {
    const table = tables.get(name);
    if (!table) throw new ExportFileError(`line ${number} is of a table that there is not: ${String(name)}`);
    if (typeof row !== 'object' || row === null) throw new ExportFileError(`line ${number} is no row of ${table.name}`);
    const { owner, others } = namedWorkspaces(table, row as RawRow);
    if (!own.has(owner)) {
      throw new ExportFileError(
        `line ${number} (${table.name}) is of workspace ${String(owner)}, which the first line does not name: nothing was added`,
      );
    }
    const foreign = others.find((each) => !own.has(each) && each !== parentId);
    if (foreign !== undefined) {
      throw new ExportFileError(
        `line ${number} (${table.name}) points to workspace ${foreign}, which is not in the file: nothing was added. If that is the agency whose client ${String(owner)} is to be here, import with --parent ${foreign}`,
      );
    }
  };
};

const compare = (found: ExportTrailer, said: ExportTrailer): void => {
  for (const table of new Set([...Object.keys(found.tables), ...Object.keys(said.tables)])) {
    const one = found.tables[table];
    const other = said.tables[table];
    if (one?.rows !== other?.rows || one?.sha256 !== other?.sha256) {
      throw new ExportFileError(`the rows of ${table} are not those that were exported: the file is damaged`);
    }
  }
};
