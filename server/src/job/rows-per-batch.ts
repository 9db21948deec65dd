/** Rows a transaction removes: about 2 ms of the writer, for which every turn may have to wait. */
export const rowsPerBatch = 100;
