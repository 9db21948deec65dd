import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atRest } from '../cpu-time.ts';
import { startParley } from '../parley-process.ts';
import type { SourceText } from '../quality/knowledge-base.ts';
import type { Mode, ModelSpeed, Subject } from './measure.ts';
import { processors, type Surroundings } from './surroundings.ts';
import { addEndpoints, makePlaces, type Place } from './workspaces.ts';

const secretBytes = 48;

/** What the stateless subjects are sent by the load generator; it asks for nothing that was said before. */
export const greeting = 'Hello there, what can you do for me today?';

/** What callers say, one message after the other, and what the bots know. */
export type Said = { messages: readonly string[]; knowledge: readonly SourceText[] };

export type ParleyOptions = Said & { on: 'sqlite' | 'postgres'; workspaces: number; webhooks: boolean };

/**
 * Parley with a finite plan, and with one webhook endpoint in each workspace while it is measured. What still waits when a
 * round is over goes with its endpoint, so that the next subject has the processor for itself.
 */
export const parleySubject = async (
  name: string,
  around: Surroundings,
  { on, workspaces, messages, knowledge, webhooks }: ParleyOptions,
): Promise<Subject> => {
  const label = `${on}_${workspaces}`;
  const parley = await startParley({
    dataDir: join(around.directory, label),
    processor: processors.server,
    env: {
      PARLEY_PLANS: join(around.directory, 'plans.json'),
      PARLEY_PROVIDER_FAST_URL: `${around.mocks.fast}/v1`,
      PARLEY_PROVIDER_SLOW_URL: `${around.mocks.slow}/v1`,
      PARLEY_OUTBOUND_ALLOW: around.receiver,
      ...(on === 'postgres' ? await database(around, label) : {}),
    },
  });
  around.onStop(() => parley.stop());
  const places = await makePlaces(parley.url, parley.firstKey ?? '', { count: workspaces, knowledge });
  let removeEndpoints: (() => Promise<void>) | null = null;
  return {
    name,
    target: (speed) => ({
      url: `${parley.url}/v1/chat`,
      pid: parley.pid,
      ...(on === 'postgres' ? { databasePids: () => around.postgres?.pids(label) ?? [] } : {}),
      loadArguments: (mode, level) => {
        const generator = join(around.directory, `${label}-${speed}-${level}.mjs`);
        writeFileSync(generator, requestGenerator(places, { speed, level, messages }));
        return ['--gen', generator, '--expect', '"finish_reason":"stop"', ...firstToken(mode)];
      },
    }),
    prepare: async () => {
      if (webhooks) removeEndpoints = await addEndpoints(parley.url, places, around.receiver);
    },
    settle: async () => {
      await removeEndpoints?.();
      await atRest(parley.pid);
    },
    ...(webhooks ? { webhooks: async () => Number(await (await fetch(around.receiver)).text()) } : {}),
  };
};

/** The first event of a stream says that the turn has started, and is no token. */
export const firstToken = (mode: Mode): string[] => (mode === 'sse' ? ['--match', 'event: reply.delta'] : []);

const database = async (around: Surroundings, name: string): Promise<Record<string, string>> => {
  if (around.postgres === null) throw new Error('no PostgreSQL was started');
  return {
    DATABASE_URL: await around.postgres.createDatabase(name),
    PARLEY_SECRET: randomBytes(secretBytes).toString('base64'),
  };
};

/**
 * A module of the load generator's form, with an Idempotency-Key for each call. Over one workspace every caller is a user;
 * over many each workspace has one user, and a caller goes from one of its workspaces to the next.
 */
export const requestGenerator = (
  places: readonly Place[],
  { speed, level, messages }: { speed: ModelSpeed; level: number; messages: readonly string[] },
): string => `
const messages = ${JSON.stringify(messages)};
const places = ${JSON.stringify(places.map(({ key, bots }) => ({ authorization: `Bearer ${key}`, botId: bots[speed] })))};
const run = Math.random().toString(36).slice(2);
const placesOfCaller = Math.max(1, Math.floor(places.length / ${level}));
const calls = [];
export const req = (number, slot, mode) => {
  calls[slot] = (calls[slot] ?? -1) + 1;
  const place = slot + ${level} * (calls[slot] % placesOfCaller);
  const { authorization, botId } = places[place % places.length];
  return {
    path: '/v1/chat',
    headers: { authorization, 'idempotency-key': run + '-' + number },
    body: JSON.stringify({
      bot_id: botId,
      user_id: 'user-' + place,
      message: messages[number % messages.length],
      stream: mode === 'sse',
    }),
  };
};
`;
