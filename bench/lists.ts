/**
 * Do lists and turns stay as fast with 100,000 conversations of a user and 100,000 messages of a conversation as with 100
 * of each? One server on SQLite (FULL), real HTTP, requests of the two sizes one after the other; then turns while the large
 * conversation is deleted. Also how long a start takes, and what memory it rests at.
 *
 *   node bench/lists.ts [--large 100000] [--small 100] [--rounds 200] [--starts 5] [--rate 100]
 *
 * `rate`: turns a second during the deletion. Ends with a failure where a median is more than 1.5 times the other.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '../server/src/store/sqlite/database.ts';
import { compare } from './lists/compare.ts';
import { deleteUnderLoad } from './lists/delete-under-load.ts';
import { startMockModel } from './lists/mock-model.ts';
import { Requests } from './lists/requests.ts';
import { seedSubject, type Subject } from './lists/seed.ts';
import { measureStartUps } from './lists/start-ups.ts';
import { printComparisons, printDeletion, printMemory, printStartUps } from './lists/tables.ts';
import { memoryMessages } from './lists/workload.ts';
import { residentMb, startParley } from './parley-process.ts';

const maxRatio = 1.5;

const { values } = parseArgs({
  options: {
    large: { type: 'string', default: '100000' },
    small: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '200' },
    starts: { type: 'string', default: '5' },
    rate: { type: 'string', default: '100' },
  },
});
const sizes = { small: Number(values.small), large: Number(values.large) };

const directory = mkdtempSync(join(tmpdir(), 'parley-lists-'));
const dataDirs = { empty: join(directory, 'empty'), large: join(directory, 'large') };
for (const dataDir of Object.values(dataDirs)) mkdirSync(dataDir);
const databasePath = join(dataDirs.large, 'parley.db');

const plan = {
  messages_per_month: 1_000_000_000,
  requests_per_minute: 1_000_000_000,
  bots: 1_000,
  memory_messages: memoryMessages,
  concurrent_streams: 10_000,
};
const plansPath = join(directory, 'plans.json');
writeFileSync(plansPath, JSON.stringify({ default: 'bench', plans: { bench: plan } }));

const model = await startMockModel();
const env = { PARLEY_PLANS: plansPath, PARLEY_PROVIDER_MOCK_URL: model.url };

/** The first start in a directory; gives its key and a bot of its own for each size. */
const setUp = async (dataDir: string) => {
  const parley = await startParley({ dataDir, env });
  try {
    const key = parley.firstKey ?? '';
    const requests = new Requests(parley.url, key);
    const makeBot = (name: string) =>
      requests.send<{ id: string }>({
        method: 'POST',
        path: '/v1/bots',
        body: { name, model: 'mock/mock-1', greeting: 'Hello! How can I help?', memory: { messages: memoryMessages } },
      });
    const bots = { small: (await makeBot('Small')).id, large: (await makeBot('Large')).id };
    await requests.close();
    return { key, bots, startUpMs: parley.startUpMs };
  } finally {
    await parley.stop();
  }
};

const seed = async (bots: { small: string; large: string }): Promise<{ small: Subject; large: Subject }> => {
  const store = await openSqliteStore({ path: databasePath, migrate: false });
  try {
    return {
      small: await seedSubject(store, { size: sizes.small, botId: bots.small, reply: model.text }),
      large: await seedSubject(store, { size: sizes.large, botId: bots.large, reply: model.text }),
    };
  } finally {
    await store.close();
  }
};

const measure = async (key: string, subjects: { small: Subject; large: Subject }): Promise<void> => {
  const parley = await startParley({ dataDir: dataDirs.large, env });
  const requests = new Requests(parley.url, key);
  try {
    const memory: { name: string; residentMb: number }[] = [];
    const note = (name: string) => memory.push({ name, residentMb: residentMb(parley.pid) });
    note('started');
    const ratio = printComparisons(await compare(requests, subjects, Number(values.rounds)), sizes);
    note('after lists and turns');
    const turnsPerSecond = Number(values.rate);
    printDeletion(await deleteUnderLoad(requests, subjects.large, { databasePath, turnsPerSecond }));
    note('after the deletion');
    printMemory(memory);
    console.log(`\nLargest ratio ${ratio.toFixed(2)}; the reach is ${maxRatio}.`);
    if (ratio > maxRatio) process.exitCode = 1;
  } finally {
    await requests.close();
    await parley.stop();
  }
};

try {
  const { startUpMs: firstMs } = await setUp(dataDirs.empty);
  const { key, bots } = await setUp(dataDirs.large);
  const seedingAt = performance.now();
  const subjects = await seed(bots);
  const seconds = ((performance.now() - seedingAt) / 1000).toFixed(0);
  const sizeMb = (statSync(databasePath).size / 1024 ** 2).toFixed(0);
  console.log(`Seeded in ${seconds} s: ${sizeMb} MB. The very first start took ${firstMs.toFixed(0)} ms.`);
  const places = { empty: { dataDir: dataDirs.empty }, large: { dataDir: dataDirs.large } };
  printStartUps(await measureStartUps(places, { rounds: Number(values.starts), env }));
  await measure(key, subjects);
} finally {
  await model.stop();
  rmSync(directory, { recursive: true });
}
