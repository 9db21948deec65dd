/**
 * How many event streams one process holds open, and what each costs in memory.
 *
 *   node bench/open-streams.ts [--streams 5000] [--hold 20]
 *
 * Opens so many conversations, each with a turn whose model has said its first words and says no more, and reads every
 * one of them; then as many readers of one turn. Prints what the server's resident memory (VmRSS) grew by, a stream, after
 * `--hold` seconds in which each stream must get a sign of life; then the models end, and every stream must end with
 * `turn.completed`. Exits with 1 where one did not.
 *
 * A stream of a turn takes two sockets of the server, one to its reader and one to the model, and two of this process: the
 * limit on open files (`ulimit -n`) must be a little above twice `--streams`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type ProviderCall, saying, startScriptedProvider } from '../server/test/scripted-provider.ts';
import { openStream, type StreamReader } from './open-streams/stream-reader.ts';
import { type ParleyProcess, residentMb, startParley } from './parley-process.ts';

const { values } = parseArgs({
  options: { streams: { type: 'string', default: '5000' }, hold: { type: 'string', default: '20' } },
});
const streams = Number(values.streams);
const holdMs = Number(values.hold) * 1_000;
/** As many callers as come in the same moment. */
const openingAtOnce = 50;
const warmUpTurns = 300;
const deadlineMs = 120_000;

const openFilesAllowed = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
const openFilesNeeded = 2 * streams + 500;
if (openFilesAllowed < openFilesNeeded) {
  throw new Error(
    `${openFilesAllowed} open files are allowed and ${openFilesNeeded} needed: ulimit -n ${openFilesNeeded}`,
  );
}

const directory = mkdtempSync(join(tmpdir(), 'parley-open-streams-'));
const held: ProviderCall[] = [];
const provider = await startScriptedProvider(saying('Warm.'));
const parley = await startParley({
  dataDir: directory,
  // the models are silent for as long as the streams are held
  env: { PARLEY_PROVIDER_MOCK_URL: provider.url, PARLEY_MODEL_IDLE_TIMEOUT_MS: '300000' },
});

const ask = async (path: string, body: unknown): Promise<{ id: string }> => {
  const headers = { authorization: `Bearer ${parley.firstKey}`, 'content-type': 'application/json' };
  const response = await fetch(parley.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as { id: string };
};

/** Does `work` so many times, some at once. */
const times = async <Result>(count: number, work: (number: number) => Promise<Result>): Promise<Result[]> => {
  const results: Result[] = [];
  let next = 0;
  const run = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) results.push(await work(number));
  };
  await Promise.all(Array.from({ length: openingAtOnce }, run));
  return results;
};

const until = async (what: string, isSo: () => boolean): Promise<void> => {
  const giveUpAt = performance.now() + deadlineMs;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error(`not in time: ${what}`);
    await wait(50);
  }
};

/** Holds streams open, ends them, and says what they cost. */
const measure = async (
  name: string,
  { pid }: ParleyProcess,
  open: (number: number) => Promise<StreamReader>,
): Promise<boolean> => {
  const beforeMb = residentMb(pid);
  const startedAt = performance.now();
  const readers = await times(streams, open);
  await until('first words', () => readers.every(({ text, ended }) => ended || text.includes('event: reply.delta')));
  const openedMs = performance.now() - startedAt;
  for (const reader of readers) reader.beats = 0;
  await wait(holdMs);
  const heldMb = residentMb(pid);
  const alive = readers.filter((reader) => reader.beats > 0).length;
  for (const call of held.splice(0)) {
    call.say(' The end.');
    call.end();
  }
  await until('the last event', () => readers.every((reader) => reader.ended));
  const whole = readers.filter((reader) => reader.text.includes('event: turn.completed')).length;
  const kilobytes = ((heldMb - beforeMb) * 1024) / streams;
  const line = [
    name.padEnd(28),
    `${streams} opened in ${(openedMs / 1_000).toFixed(1)} s`,
    `${beforeMb.toFixed(0)} -> ${heldMb.toFixed(0)} MB`,
    `${kilobytes.toFixed(1)} KB a stream`,
    `${alive} with a sign of life`,
    `${whole} ended well`,
  ];
  process.stdout.write(`${line.join(' | ')}\n`);
  return whole === streams && (alive === streams || holdMs < 16_000);
};

try {
  const bot = await ask('/v1/bots', { name: 'Bench', model: 'mock/any' });
  const chat = (number: number, stream: boolean) => ({
    bot_id: bot.id,
    user_id: `user ${number}`,
    message: 'Hi',
    stream,
  });
  await times(warmUpTurns, (number) => ask('/v1/chat', chat(number, false)));
  provider.use((call) => {
    call.say('The first words.');
    held.push(call);
  });
  const credentials = { url: parley.url, key: parley.firstKey ?? '' };
  const ofTurns = await measure('a turn for each', parley, (number) =>
    openStream({ ...credentials, method: 'POST', path: '/v1/chat', body: chat(number, true) }),
  );
  const first = await openStream({ ...credentials, method: 'POST', path: '/v1/chat', body: chat(0, true) });
  await until('the turn', () => first.text.includes('event: reply.delta'));
  const turnId = /"turn_id":"(\w+)"/.exec(first.text)?.[1] ?? '';
  const ofReaders = await measure('readers of one turn', parley, () =>
    openStream({ ...credentials, method: 'GET', path: `/v1/turns/${turnId}/stream` }),
  );
  process.exitCode = ofTurns && ofReaders ? 0 : 1;
} finally {
  await parley.stop();
  await provider.close();
  rmSync(directory, { recursive: true });
}
