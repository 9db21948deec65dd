import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

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

const parseHeader = (line: string): ExportHeader => {
  const header = parse(line, 1) as Partial<ExportHeader> | null;
  if (typeof header?.parley_export !== 'number') throw new ExportFileError("this is no export of Parley's");
  if (header.parley_export !== exportFormat) {
    throw new ExportFileError(`the file has the form ${header.parley_export}, and this version reads ${exportFormat}`);
  }
  return header as ExportHeader;
};

/** Reads the whole file and compares it with what its last line says; gives its header. Throws ExportFileError. */
export const checkExportFile = async (path: string): Promise<ExportHeader> => {
  const tally = new Tally();
  let header: ExportHeader | null = null;
  let trailer: ExportTrailer | null = null;
  for await (const { line, number } of readLines(path)) {
    if (header === null) {
      header = parseHeader(line);
      continue;
    }
    if (trailer !== null)
      throw new ExportFileError(`there is something behind the end of the export, in line ${number}`);
    const parsed = parse(line, number);
    if (Array.isArray(parsed)) tally.add(String(parsed[0]), line);
    else trailer = parsed as ExportTrailer;
  }
  if (header === null) throw new ExportFileError('the file is empty');
  if (trailer === null) throw new ExportFileError('the file is cut off: its last line is missing');
  compare(tally.trailer(), trailer);
  return header;
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
