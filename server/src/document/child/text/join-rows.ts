/** Rows that tell of one thing. */
export type RowGroup = { key: string; rows: string[][] };

/**
 * Neighbours whose first cell says the same belong together, and so does a row whose first cell is blank to the one
 * above: exports write a thing of several variants in several rows. Order is kept.
 */
export const joinRows = (rows: readonly (readonly string[])[]): RowGroup[] => {
  const groups: RowGroup[] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    const key = (row[0] ?? '').trim();
    if (last && last.key !== '' && (key === last.key || key === '')) last.rows.push([...row]);
    else groups.push({ key, rows: [[...row]] });
  }
  return groups;
};
