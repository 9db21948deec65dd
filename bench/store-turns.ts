/**
 * Turns a second of the PostgreSQL store alone (T1 and T2, no model), in three ways that write the same rows: a statement a
 * step in transactions, two calls a turn, and two calls that turns of a tick share. All callers in one workspace,
 * whose quota is one row; then each in a workspace of its own. Alternating rounds of one run.
 *
 *   node bench/store-turns.ts --url postgres://user@host:5432/empty_database [--callers 64] [--rounds 3] [--seconds 3]
 *     [--connections 8]
 */
import { parseArgs } from 'node:util';
import { newId } from '../server/src/kit/id.ts';
import { PostgresPool } from '../server/src/store/postgres/connection.ts';
import { migratePostgres } from '../server/src/store/postgres/migrate.ts';
import { median } from './quantile.ts';
import { type Caller, takeTurn } from './store-turns/caller.ts';
import { type Way, waysOver } from './store-turns/ways.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    callers: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '8' },
  },
});
if (values.url === undefined) throw new Error('--url is the address of an empty PostgreSQL database');
const callerCount = Number(values.callers);

await migratePostgres(values.url);
const pool = new PostgresPool({ url: values.url, size: Number(values.connections) });

const addBot = async (): Promise<{ workspaceId: string; botId: string }> => {
  const place = { workspaceId: newId('ws'), botId: newId('bot') };
  const insert = `insert into bots (workspace_id, id, name, version, created_at, updated_at) values ($1, $2, 'Bench', 1, 1, 1)`;
  await pool.run(null, insert, [place.workspaceId, place.botId]);
  return place;
};

/** Users in as many workspaces, each in a conversation that has begun. */
const makeCallers = async (way: Way, workspaces: number): Promise<Caller[]> => {
  const places = await Promise.all(Array.from({ length: workspaces }, addBot));
  const callers = Array.from({ length: callerCount }, (_, index) => ({
    ...places[index % workspaces]!,
    userId: `user-${index}`,
  }));
  for (const caller of callers) for (let turn = 0; turn < 2; turn++) await takeTurn(way, caller);
  return callers;
};

/** Turns a second. */
const measure = async (way: Way, callers: readonly Caller[]): Promise<number> => {
  const startedAt = performance.now();
  const endAt = startedAt + Number(values.seconds) * 1_000;
  let turns = 0;
  const callOn = async (caller: Caller): Promise<void> => {
    while (performance.now() < endAt) {
      await takeTurn(way, caller);
      turns += 1;
    }
  };
  await Promise.all(callers.map(callOn));
  return (turns * 1_000) / (performance.now() - startedAt);
};

const ways = waysOver(pool);
const shared = ways.at(-1)!;
console.log('| workspaces | way | turns/s | of the first |\n|---|---|---|---|');
try {
  for (const workspaces of [1, callerCount]) {
    const callers = await makeCallers(shared, workspaces);
    const rates = new Map<Way, number[]>(ways.map((way) => [way, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      // statistics as autovacuum would have them by then
      await pool.run(null, 'analyze', []);
      for (const way of ways) rates.get(way)?.push(await measure(way, callers));
    }
    const first = median(rates.get(ways[0]!) ?? []);
    for (const [way, all] of rates) {
      const rate = median(all);
      console.log(`| ${workspaces} | ${way.name} | ${rate.toFixed(0)} | ${(rate / first).toFixed(2)} |`);
    }
  }
} finally {
  await pool.close();
}
