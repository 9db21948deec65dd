import { expect, it } from 'vitest';
import { createSource } from '../src/core/knowledge/create-source.ts';
import { processSource } from '../src/core/knowledge/process-source.ts';
import { embedSourceKind } from '../src/job/kinds/embed-source.ts';
import { openPostgresStore } from '../src/store/postgres/database.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { readNothing } from './read-nothing.ts';

it('tables of vectors are measured once a source was embedded, so that PostgreSQL plans for what they hold', async () => {
  const url = await createDatabase();
  const store = await openPostgresStore({ url, poolSize: 4, migrate: false });
  // so few rows are none that PostgreSQL would measure by itself
  const measured = () =>
    runSql(
      url,
      "select relname from pg_class where relname in ('vectors', 'vector_codes') and reltuples > 0 order by relname",
    );
  const { signal } = new AbortController();
  const { transact, readers } = store;
  const tools = { ...readers, transact, clock: Date.now, signal, attempts: 1 };
  const place = { workspaceId: 'ws_a', botId: 'bot_a' };
  const content = { type: 'text' as const, text: 'A parcel takes three days.' };
  const source = await transact((writers) => createSource(writers, { ...place, title: 'Notes', content }, Date.now));
  const target = { ...place, sourceId: source.id, revision: source.revision };
  await processSource(target, { ...readNothing, ...tools, forgetKnowledge: () => undefined, embedTexts: null });
  expect(await measured()).toEqual([]);

  const kind = embedSourceKind({
    ...tools,
    embedTexts: { model: 'local/e5', embed: async (texts) => texts.map((_, at) => Float32Array.from([1, at])) },
    forgetVectors: () => undefined,
    measureTables: () => store.measureTables(),
    vectorDatabase: null,
    onOtherLength: () => undefined,
  });
  await kind.run({ ...place, payload: { botId: place.botId, sourceId: source.id }, attempts: 1, signal });
  expect(await measured()).toEqual([{ relname: 'vector_codes' }, { relname: 'vectors' }]);

  await store.close();
  await dropDatabase(url);
});
