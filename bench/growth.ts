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
import { copiedConversationId } from './growth/copies.ts';
import { type Filled, fillHistories, fillStore, historyUser } from './growth/fill.ts';
import type { PlaceKind } from './growth/place.ts';
import { Served } from './growth/server.ts';
import { callsOf, measureVariants, type Variant } from './growth/turn-times.ts';
import { startMockModel } from './lists/mock-model.ts';
import { measureStartUps } from './lists/start-ups.ts';
import { writeSection } from './performance-page.ts';
import { BenchPostgres } from './postgres.ts';
import { median } from './quantile.ts';
import { table } from './table-text.ts';
import { plan, planName } from './turns/workspaces.ts';

const maxRatio = 1.3;

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

/** A conversation for each call, spread over all there are. */
const spread = 7_919;
const anyConversation = (size: number) => (call: number) => ({
  conversation_id: copiedConversationId(((call * spread) % size) + 1),
});
const newConversation = (call: number) => ({ user_id: `new-${call}` });

const inHistory = (length: number) => (call: number) => ({ user_id: historyUser(length, call) });

type Row = { what: string; sizes: readonly number[]; times: readonly number[] };

/** A store, and the turns that are taken in it. */
type Sized = { size: number; filled: Filled; request: Variant['request'] };

/** Each kind of turn at its sizes; a server for each store, for as long as its kind is measured. */
const measureKind = async (what: string, sized: readonly Sized[]): Promise<Row> => {
  const servers = new Map<Filled, Served>();
  try {
    const variants: Variant[] = [];
    for (const { size, filled, request } of sized) {
      const served = servers.get(filled) ?? (await Served.start(filled.place, env, filled.account));
      servers.set(filled, served);
      variants.push({ size, served, request });
    }
    return { what, sizes: sized.map(({ size }) => size), times: await measureVariants(variants, rounds) };
  } finally {
    for (const served of servers.values()) await served.stop();
  }
};

const withSeparators = (value: number): string => value.toLocaleString('en-US');

const ratioOf = ({ times }: Row): number => Math.max(...times.slice(1)) / (times[0] ?? NaN);

const measureOn = async (kind: PlaceKind) => {
  const postgres = kind === 'postgres' ? await BenchPostgres.start() : null;
  try {
    const filling = { directory, env, postgres };
    const long = await fillHistories(`${kind}_histories`, { lengths: histories, calls: callsOf(rounds) }, filling);
    const filled: (Filled & { size: number })[] = [];
    for (const size of stores) filled.push({ size, ...(await fillStore(`${kind}_${size}`, size, filling)) });
    const inStores = (request: (size: number) => Variant['request']): Sized[] =>
      filled.map((store) => ({ size: store.size, filled: store, request: request(store.size) }));
    const rows = [
      await measureKind(
        'a turn in a conversation of so many messages',
        histories.map((size) => ({ size, filled: long, request: inHistory(size) })),
      ),
      await measureKind('a turn in one of so many conversations', inStores(anyConversation)),
      await measureKind(
        'a turn that starts one more conversation',
        inStores(() => newConversation),
      ),
    ];
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
