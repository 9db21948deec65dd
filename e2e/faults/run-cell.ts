import type { Server } from '../../server/test/boot.ts';
import type { Mode } from './dialects.ts';
import { timeoutsMs } from './timeouts.ts';

/** One turn whose provider fails, and everything that can be seen of it from outside. */
export type Evidence = {
  /** Of a JSON call: its status and the code of its error. */
  status: number;
  code: string | null;
  /** The texts of the stream that the caller read; empty for a JSON call. */
  deltas: string;
  /** Names of the events that the caller read, and of those that anybody reads afterwards. */
  events: { read: string[]; kept: string[] };
  /** Whether both streams are the same bytes; true for a JSON call. */
  sameBytes: boolean;
  // oxlint-disable-next-line typescript/no-explicit-any -- a turn as the wire has it, looked into by tests
  turn: any;
  attempts: { model: string; status: string; usage: { estimated: boolean } | null }[];
  /** Messages of the quota that the ledger has for it. */
  charged: number;
};

/** Past the longest that a turn may take, for a machine that is busy with something else. */
const graceMs = 60_000;

const within = async <Value>(limitMs: number, work: Promise<Value>): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** A bot with one model, and another one to go on with where there is one. */
export const makeBot = (
  server: Server,
  { model, follower }: { model: string; follower: string | null },
): Promise<string> => server.makeBot({ model, fallback_models: follower === null ? [] : [follower] });

/** Sends one message to a bot, and gathers what came of it. Throws where it did not end in time. */
export const runCell = async (server: Server, { bot, mode }: { bot: string; mode: Mode }): Promise<Evidence> => {
  const body = { bot_id: bot, message: 'Do you ship?', stream: mode === 'stream' };
  const asked = mode === 'stream' ? readStream(server, body) : readWhole(server, body);
  const { turnId, ...seen } = await within(timeoutsMs.total + graceMs, asked);
  const kept = await server.open('GET', `/v1/turns/${turnId}/stream`);
  await kept.done;
  const { body: turn } = await server.send('GET', `/v1/turns/${turnId}`);
  const { body: context } = await server.send('GET', `/v1/turns/${turnId}/context`);
  const charges = await server.query(`select messages from quota_ledger where turn_id = '${turnId}'`);
  return {
    status: seen.status,
    code: seen.code,
    deltas: seen.deltas,
    events: { read: seen.events, kept: kept.events.map(({ event }) => event) },
    sameBytes: mode === 'json' || withoutBeats(seen.raw) === withoutBeats(kept.raw()),
    turn,
    attempts: context.attempts,
    charged: charges.reduce((sum, { messages }) => sum + Number(messages), 0),
  };
};

/** Signs of life on a silent stream come when they come, and are no events. */
const withoutBeats = (raw: string): string => raw.replaceAll(/^:\n\n/gm, '');

type Seen = { turnId: string; status: number; code: string | null; deltas: string; events: string[]; raw: string };

const readStream = async (server: Server, body: unknown): Promise<Seen> => {
  const reader = await server.open('POST', '/v1/chat', { body });
  await reader.done;
  const deltas = reader.events.filter(({ event }) => event === 'reply.delta').map(({ data }) => data.text as string);
  return {
    turnId: reader.response.headers.get('parley-turn-id') ?? '',
    status: reader.response.status,
    code: reader.events.at(-1)?.data.error?.code ?? null,
    deltas: deltas.join(''),
    events: reader.events.map(({ event }) => event),
    raw: reader.raw(),
  };
};

const readWhole = async (server: Server, body: unknown): Promise<Seen> => {
  const { status, headers, body: answer } = await server.send('POST', '/v1/chat', { body });
  return {
    turnId: headers.get('parley-turn-id') ?? '',
    status,
    code: answer.error?.code ?? null,
    deltas: '',
    events: [],
    raw: '',
  };
};
