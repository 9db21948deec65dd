/**
 * How does the cost of a turn grow with what is stored? One turn at a time over real HTTP: in conversations of 10, 1,000 and
 * 100,000 messages; in stores of 1,000 and 1,000,000 conversations, each with a turn, its two messages, receipt, charge
 * and Idempotency-Key. Also how long a start takes in each store, what memory a server rests at, and how many bytes of
 * database a turn takes.
 *
 *   node bench/growth.ts [--on sqlite,postgres] [--history 10,1000,100000] [--conversations 1000,1000000] [--rounds 300]
 *     [--starts 5] [--turns 10000] [--out FILE.json] [--write docs/performance.md]
 *
 * A million conversations take some GB of the temporary folder and some minutes to make. Ends with a failure where the
 * cost of the largest is more than 1.3 times that of the smallest.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bytesOfTurns } from './growth/bytes-of-turns.ts';
import { copiedConversationId, copyConversation, copyTurn } from './growth/copies.ts';
import { makePlace, type Place, type PlaceKind } from './growth/place.ts';
import { type Account, Served } from './growth/server.ts';
import { callsOf, measureVariants, type Variant } from './growth/turn-times.ts';
import { startMockModel } from './lists/mock-model.ts';
import { measureStartUps } from './lists/start-ups.ts';
import { writeSection } from './performance-page.ts';
import { BenchPostgres } from './postgres.ts';
import { median } from './quantile.ts';
import { table } from './table-text.ts';
import { plan, planName } from './turns/workspaces.ts';

const maxRatio = 1.3;
const messagesOfTurn = 2;
const bytesPerMb = 1024 ** 2;

const { values } = parseArgs({
  options: {
    on: { type: 'string', default: 'sqlite,postgres' },
    history: { type: 'string', default: '10,1000,100000' },
    conversations: { type: 'string', default: '1000,1000000' },
    rounds: { type: 'string', default: '300' },
    starts: { type: 'string', default: '5' },
    turns: { type: 'string', default: '10000' },
    out: { type: 'string' },
    write: { type: 'string' },
  },
});
const numbersOf = (list: string): number[] => list.split(',').map(Number);
const histories = numbersOf(values.history);
const stores = numbersOf(values.conversations);
const rounds = Number(values.rounds);
if (Math.min(...stores) < callsOf(rounds)) {
  throw new Error(`${callsOf(rounds)} conversations at least: a turn is taken in each of as many`);
}

const directory = mkdtempSync(join(tmpdir(), 'parley-growth-'));
const plansPath = join(directory, 'plans.json');
writeFileSync(plansPath, JSON.stringify({ default: planName, plans: { [planName]: plan } }));
const model = await startMockModel();
const env = { PARLEY_PLANS: plansPath, PARLEY_PROVIDER_MOCK_URL: model.url };

type Filled = { size: number; place: Place; account: Account; chatted: string[] };

/** A store of so many conversations, and of one for each length of history in the smallest store. */
const fill = async (name: string, size: number, postgres: BenchPostgres | null): Promise<Filled> => {
  const place = await makePlace(name, { directory, postgres });
  const served = await Served.start(place, env);
  const { account } = served;
  const turnIds: string[] = [];
  for (const length of size === stores[0] ? histories : []) {
    turnIds.push((await served.turn({ user_id: `history-${length}` })).id);
  }
  const { id: firstTurn } = await served.turn({ user_id: 'first' });
  await served.stop();
  const startedAt = performance.now();
  await copyConversation(place, firstTurn, size);
  for (const [nth, turnId] of turnIds.entries()) {
    const turns = (histories[nth] ?? 0) / messagesOfTurn - 1;
    await copyTurn(place, turnId, { count: turns, nth });
  }
  await place.tidy();
  const mb = ((await place.sizeBytes()) / bytesPerMb).toFixed(0);
  console.log(`${name}: ${mb} MB, filled in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  return { size, place, account, chatted: histories.map((length) => `history-${length}`) };
};

/** A conversation for each call, spread over all there are. */
const spread = 7_919;
const anyConversation = (size: number) => (call: number) => ({
  conversation_id: copiedConversationId(((call * spread) % size) + 1),
});
const newConversation = (call: number) => ({ user_id: `new-${call}` });

const inHistories = (served: Served): Variant[] =>
  histories.map((size) => ({ size, served, request: () => ({ user_id: `history-${size}` }) }));

type Row = { what: string; sizes: readonly number[]; times: readonly number[] };

const measureTurns = async (filled: readonly Filled[]): Promise<Row[]> => {
  const servers: Served[] = [];
  const inStores = (request: (size: number) => Variant['request']): Variant[] =>
    filled.flatMap(({ size }, index) => {
      const served = servers[index];
      return served ? [{ size, served, request: request(size) }] : [];
    });
  try {
    for (const { place, account } of filled) servers.push(await Served.start(place, env, account));
    const [smallest] = servers;
    if (!smallest) throw new Error('no store was filled');
    const kinds: [string, Variant[]][] = [
      ['a turn in a conversation of so many messages', inHistories(smallest)],
      ['a turn in one of so many conversations', inStores(anyConversation)],
      ['a turn that starts one more conversation', inStores(() => newConversation)],
    ];
    const rows: Row[] = [];
    for (const [what, variants] of kinds) {
      const times = await measureVariants(variants, rounds);
      rows.push({ what, sizes: variants.map(({ size }) => size), times });
    }
    return rows;
  } finally {
    for (const served of servers) await served.stop();
  }
};

const withSeparators = (value: number): string => value.toLocaleString('en-US');

const ratioOf = ({ times }: Row): number => Math.max(...times.slice(1)) / (times[0] ?? NaN);

const measureOn = async (kind: PlaceKind) => {
  const postgres = kind === 'postgres' ? await BenchPostgres.start() : null;
  try {
    const filled: Filled[] = [];
    for (const size of stores) filled.push(await fill(`${kind}_${size}`, size, postgres));
    const rows = await measureTurns(filled);
    const places = Object.fromEntries(filled.map(({ size, place }) => [String(size), place]));
    const startUps = await measureStartUps(places, { rounds: Number(values.starts), env });
    const [smallest] = filled;
    if (!smallest) throw new Error('no store was filled');
    const bytes = await bytesOfTurns(smallest.place, Number(values.turns), () =>
      Served.start(smallest.place, env, smallest.account),
    );
    return { kind, rows, startUps, bytes };
  } finally {
    await postgres?.close();
  }
};

type Measured = Awaited<ReturnType<typeof measureOn>>;

const textOf = (all: readonly Measured[]): string => {
  const growth = all.flatMap(({ kind, rows }) =>
    rows.map((row) => [
      kind,
      row.what,
      row.sizes.map(withSeparators).join(' / '),
      row.times.map((time) => time.toFixed(2)).join(' / '),
      ratioOf(row).toFixed(2),
    ]),
  );
  const starts = all.flatMap(({ kind, startUps }) =>
    Object.entries(startUps).map(([size, measured]) => [
      kind,
      withSeparators(Number(size)),
      median(measured.map(({ startUpMs }) => startUpMs)).toFixed(0),
      median(measured.map(({ residentMb }) => residentMb)).toFixed(0),
    ]),
  );
  return [
    table(['database', 'what', 'sizes', 'one at a time, ms', 'largest to smallest'], growth),
    table(['database', 'conversations', 'start to the first healthy answer, ms', 'memory at rest (RSS), MB'], starts),
    table(
      ['database', 'bytes of database a streamed turn'],
      all.map(({ kind, bytes }) => [kind, withSeparators(Math.round(bytes))]),
    ),
  ].join('\n');
};

try {
  const all: Measured[] = [];
  for (const kind of values.on.split(',') as PlaceKind[]) all.push(await measureOn(kind));
  const text = textOf(all);
  console.log(`\n${text}`);
  if (values.out) writeFileSync(values.out, `${JSON.stringify(all, null, 2)}\n`);
  if (values.write) writeSection(values.write, { name: 'growth', text });
  const worst = Math.max(...all.flatMap(({ rows }) => rows.map(ratioOf)));
  console.log(`Largest ratio ${worst.toFixed(2)}; the reach is ${maxRatio}.`);
  if (worst > maxRatio) process.exitCode = 1;
} finally {
  await model.stop();
  rmSync(directory, { recursive: true, force: true });
}
