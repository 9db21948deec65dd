/** A row as the databases give it. */
export type Row = Readonly<Record<string, string | number | null | Uint8Array>>;

type Value = string | number | null | { base64: string };

const encode = (value: Row[string]): Value =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;

const decode = (value: Value): Row[string] =>
  typeof value === 'object' && value !== null ? Buffer.from(value.base64, 'base64') : value;

/** One line: `["messages",{"created_at":…,…}]`. The same row gives the same line on every database. */
export const rowLine = (table: string, row: Row): string =>
  JSON.stringify([
    table,
    Object.fromEntries(
      Object.keys(row)
        .toSorted()
        .map((column) => [column, encode(row[column] ?? null)]),
    ),
  ]);

/** Throws SyntaxError for what is none. */
export const parseRowLine = (line: string): { table: string; row: Row } => {
  const parsed: unknown = JSON.parse(line);
  if (!Array.isArray(parsed) || typeof parsed[0] !== 'string') throw new SyntaxError('not a row of an export');
  const row = parsed[1] as Record<string, Value>;
  return {
    table: parsed[0],
    row: Object.fromEntries(Object.entries(row).map(([column, value]) => [column, decode(value)])),
  };
};
