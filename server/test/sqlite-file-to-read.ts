import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteConnection } from '../src/store/sqlite/connection.ts';

/** Counts for longer than any timeout of a test, and never longer than it takes to stop its file. */
export const endlessQuery =
  'with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000000) select max(i) as i from n';

/** A file of SQLite with the table `greetings`, and what reads it, which is closed before the file goes. */
export const makeFileToRead = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-reader-'));
  const path = join(directory, 'parley.db');
  const connection = new SqliteConnection(path, { readOnly: false });
  connection.exec(`create table greetings (language text, word text);
    insert into greetings values ('en', 'hello'), ('ka', 'გამარჯობა')`);
  connection.close();
  const readers: { close(): Promise<void> }[] = [];
  return {
    path,
    opened: <Reader extends { close(): Promise<void> }>(reader: Reader): Reader => {
      readers.push(reader);
      return reader;
    },
    async remove(): Promise<void> {
      for (const reader of readers) await reader.close();
      await rm(directory, { recursive: true });
    },
  };
};
