import { expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/store/open-store.ts';
import { exemptTables, movedTables } from '../src/store/transfer/moved-tables.ts';
import { databaseOf } from './test-database.ts';

it('moves every table of the database with its workspace, or says why it stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-tables-'));
  const database = await databaseOf(folder);
  const store = await openStore(database.place, { migrate: true });
  await store.close();
  try {
    const moved = movedTables.map(({ name }) => name as string);
    expect([...moved, ...Object.keys(exemptTables)].toSorted()).toEqual((await database.tables()).toSorted());
    for (const reason of Object.values(exemptTables)) expect(reason.length).toBeGreaterThan(20);
  } finally {
    await database.drop();
    await rm(folder, { recursive: true });
  }
});
