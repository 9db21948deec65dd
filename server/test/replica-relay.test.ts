import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplicaChannel } from '../src/core/replica/replica-channel.ts';
import type { LiveTurn } from '../src/core/turn/live-turns.ts';
import type { Turn, TurnWithReply } from '../src/core/turn/turn.ts';
import { type TurnEvent, TurnLog } from '../src/core/turn/turn-log.ts';
import { packTurnLog } from '../src/core/turn/turn-log-record.ts';
import type { TurnProgress } from '../src/core/turn/turn-progress.ts';
import { ReplicaBus } from '../src/bus/replica-bus.ts';
import { createReplicaRelay, type ReplicaRelay } from '../src/bus/replica-relay.ts';

/** The logs of one process in another, over a channel and a store that the test holds. */

const turnOf = (id: string, more: Partial<Turn> = {}): Turn => ({
  id,
  workspaceId: 'ws_1',
  conversationId: 'conv_1',
  botId: 'bot_1',
  botVersion: 1,
  userId: 'ada',
  channel: 'api',
  mode: 'live',
  principal: 'key:1',
  status: 'running',
  finishReason: null,
  errorCode: null,
  seqBase: 1,
  attempt: 1,
  fence: 1,
  context: {},
  model: null,
  inputTokens: 0,
  outputTokens: 0,
  charged: 0,
  quotaOwners: [],
  periodStart: 0,
  createdAt: 0,
  startedAt: 0,
  completedAt: null,
  ...more,
});

/** What the store says, by turn. */
type Stored = { result: TurnWithReply; log: string | null; progress: TurnProgress | null };

let stored: Map<string, Stored>;
/** What the ledger says, by turn. */
let charges: Map<string, number>;
/** Messages on the way, which a test may lose. */
let lose: (message: string) => boolean;
/** True where each message comes twice. */
let twice: boolean;
let sent: string[];
/** Resolves what is being sent, for a channel that is slow. */
let gate: Promise<void> | null;
let channels: Map<string, (message: string) => void>;
let working: boolean;
let processes: Process[];

type Process = { bus: ReplicaBus; relay: ReplicaRelay; live: Map<string, LiveTurn>; looks: number; errors: unknown[] };

const startProcess = (name: string): Process => {
  const errors: unknown[] = [];
  const bus = new ReplicaBus(name, (error) => errors.push(error));
  const live = new Map<string, LiveTurn>();
  const channel: ReplicaChannel = {
    carriesText: true,
    get ready() {
      return working;
    },
    async send(message, to) {
      if (!working) return false;
      sent.push(message);
      await gate;
      if (lose(message)) return true;
      // as over a network: never in the same breath
      setImmediate(() => {
        for (const [other, receive] of channels) {
          if (to !== null && to !== other) continue;
          receive(message);
          if (twice) receive(message);
        }
      });
      return to === null || channels.has(to);
    },
    close: () => Promise.resolve(),
  };
  channels.set(name, bus.listener.received);
  bus.add(channel);
  const started: Process = { bus, live, looks: 0, errors, relay: null as unknown as ReplicaRelay };
  started.relay = createReplicaRelay({
    bus,
    turns: {
      find: (_workspaceId, turnId) => Promise.resolve(stored.get(turnId)?.result ?? null),
      findRecord: (_workspaceId, turnId) => Promise.resolve({ log: stored.get(turnId)?.log ?? null, receipt: null }),
      findCharge: (turn) => Promise.resolve(charges.get(turn.id) ?? 0),
    },
    progress: {
      find: (asked) => {
        started.looks += 1;
        return Promise.resolve(asked.flatMap(({ turnId }) => stored.get(turnId)?.progress ?? []));
      },
    },
    own: {
      find: (turnId) => live.get(turnId),
      stop: (turnId, request) => {
        const turn = live.get(turnId);
        if (turn) turn.stop = request;
      },
      ended: (log, result) => log.append({ type: 'ended', result }),
      abandoned: (log) => log.abandon(),
    },
    onError: (error) => errors.push(error),
  });
  processes.push(started);
  return started;
};

/** A turn that runs in a process. */
const run = (owner: Process, turn: Turn): LiveTurn => {
  const log = new TurnLog(turn.id, turn.attempt);
  log.append({ type: 'started' });
  const live = {
    turn,
    log,
    run: { abort: new AbortController() },
    stop: null,
    keepLog: null,
    readAlong: true,
    historyLimit: 1,
  };
  owner.live.set(turn.id, live);
  keep(live, 'running');
  return live;
};

const keep = ({ turn, log }: LiveTurn, status: Turn['status'], withLog = false): void => {
  const known = stored.get(turn.id);
  const text = log.events.map((event) => (event.type === 'delta' ? event.text : '')).join('');
  const packed = packTurnLog(log);
  const part = { type: 'text' as const, text };
  const reply = {
    id: 'msg_1',
    workspaceId: turn.workspaceId,
    conversationId: turn.conversationId,
    seq: 16,
    turnId: turn.id,
    role: 'assistant' as const,
    parts: [part],
    tokens: 1,
    metadata: {},
    citations: [],
    createdAt: 0,
  };
  const ended = status === 'completed';
  stored.set(turn.id, {
    result: { turn: { ...turn, status }, reply: ended ? reply : null },
    log: ended ? packed : (known?.log ?? null),
    progress: {
      turnId: turn.id,
      status,
      attempt: turn.attempt,
      stored: withLog ? { text, log: packed } : null,
    },
  });
};

const say = (live: LiveTurn, text: string): void => live.log.append({ type: 'delta', text });

const end = (owner: Process, live: LiveTurn): void => {
  keep(live, 'completed');
  owner.live.delete(live.turn.id);
  live.log.append({ type: 'ended', result: stored.get(live.turn.id)!.result });
};

const read = (log: TurnLog): { events: readonly TurnEvent[]; leave: () => void } => ({
  events: log.events,
  leave: log.subscribe(() => {}),
});

const logOf = (process: Process, turn: Turn): TurnLog => process.relay.follow(turn)!;

beforeEach(() => {
  stored = new Map();
  charges = new Map();
  sent = [];
  gate = null;
  channels = new Map();
  working = true;
  lose = () => false;
  twice = false;
  processes = [];
});
afterEach(() => {
  for (const { relay } of processes) relay.close();
  // what nobody expected fails the test that it happened in
  const [error] = processes.flatMap(({ errors }) => errors);
  if (error !== undefined) throw new Error('something failed that should not', { cause: error });
});

describe('while the channel works', () => {
  it('events come from the owner, and the store is asked for the end alone', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const live = run(owner, turnOf('turn_1'));
    say(live, 'before ');
    const log = logOf(other, live.turn);
    const reader = read(log);
    await expect.poll(() => log.events.length).toBe(2);
    for (const piece of ['one ', 'two ']) say(live, piece);
    await expect.poll(() => log.events.length).toBe(4);
    end(owner, live);
    await expect.poll(() => log.result?.turn.status).toBe('completed');
    expect(log.events).toEqual(live.log.events);
    expect(other.looks).toBe(0);
    reader.leave();
  });

  it('what a tick has made leaves in one message, and nothing leaves that nobody reads', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const unread = run(owner, turnOf('turn_0'));
    const live = run(owner, turnOf('turn_1'));
    const log = logOf(other, live.turn);
    const reader = read(log);
    await expect.poll(() => log.events.length).toBe(1);
    sent = [];
    for (let count = 0; count < 100; count++) {
      say(live, 'x');
      say(unread, 'y');
    }
    await expect.poll(() => log.events.length).toBe(101);
    expect(sent.filter((message) => message.includes('"events"'))).toHaveLength(1);
    expect(sent.join()).not.toContain('turn_0');
    reader.leave();
  });

  it('a message that was lost is made up for', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const live = run(owner, turnOf('turn_1'));
    const log = logOf(other, live.turn);
    const reader = read(log);
    await expect.poll(() => log.events.length).toBe(1);
    lose = (message) => message.includes('lost');
    say(live, 'lost');
    await setTimeout(20);
    lose = () => false;
    say(live, 'found');
    await expect.poll(() => log.events.length).toBe(3);
    expect(log.events).toEqual(live.log.events);
    reader.leave();
  });

  it('a message that comes twice is taken once', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    twice = true;
    const live = run(owner, turnOf('turn_1'));
    const log = logOf(other, live.turn);
    const reader = read(log);
    for (const piece of ['one', 'two', 'three']) {
      say(live, piece);
      await new Promise(setImmediate);
    }
    end(owner, live);
    await expect.poll(() => log.result).not.toBeNull();
    expect(log.events).toEqual(live.log.events);
    reader.leave();
  });

  it('a channel that takes nothing holds one slice, and the rest stays in the log', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const live = run(owner, turnOf('turn_1'));
    const log = logOf(other, live.turn);
    const reader = read(log);
    await expect.poll(() => log.events.length).toBe(1);
    sent = [];
    let open = (): void => {};
    gate = new Promise((resolve) => (open = resolve));
    for (let count = 0; count < 200; count++) {
      say(live, 'z'.repeat(1_024));
      await new Promise(setImmediate);
    }
    const underWay = sent.filter((message) => message.includes('"events"'));
    expect(underWay).toHaveLength(1);
    expect(underWay.join().length).toBeLessThan(40_000);
    open();
    gate = null;
    await expect.poll(() => log.events.length).toBe(201);
    expect(log.events).toEqual(live.log.events);
    expect(Math.max(...sent.map(({ length }) => length))).toBeLessThan(40_000);
    reader.leave();
  });

  it('a hundred readers of a turn are one for its owner', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const live = run(owner, turnOf('turn_1'));
    const readers = Array.from({ length: 100 }, () => read(logOf(other, live.turn)));
    await expect.poll(() => readers[0]!.events.length).toBe(1);
    sent = [];
    say(live, 'once');
    await expect.poll(() => readers[99]!.events.length).toBe(2);
    expect(sent.filter((message) => message.includes('once'))).toHaveLength(1);
    expect(owner.relay.counts.published).toBe(1);
    for (const { leave } of readers) leave();
  });

  it('nothing is left of thousands of readers who came and went', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const turns = Array.from({ length: 20 }, (_, index) => run(owner, turnOf(`turn_${index}`)));
    for (let count = 0; count < 5_000; count++) read(logOf(other, turns[count % 20]!.turn)).leave();
    expect(other.relay.counts.followed).toBe(20);
    await expect.poll(() => owner.relay.counts.published).toBe(20);
    await expect.poll(() => other.relay.counts.followed, { timeout: 10_000 }).toBe(0);
    await expect.poll(() => owner.relay.counts.published, { timeout: 10_000 }).toBe(0);
    for (const { log } of turns) expect(log.readerCount).toBe(0);
  });

  it('a turn that waits here is followed to where it runs', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const turn = turnOf('turn_1', { status: 'queued', startedAt: null });
    const waiting = new TurnLog(turn.id, 1);
    waiting.append({ type: 'queued' });
    other.relay.accompany(turn, waiting, () => true);
    const log = new TurnLog(turn.id, 1);
    log.append({ type: 'queued' });
    log.append({ type: 'started' });
    const live = {
      turn,
      log,
      run: { abort: new AbortController() },
      stop: null,
      keepLog: null,
      readAlong: true,
      historyLimit: 1,
    };
    owner.live.set(turn.id, live);
    owner.relay.started(turn.id);
    say(live, 'there');
    await expect.poll(() => waiting.events.length).toBe(3);
    end(owner, live);
    await expect.poll(() => waiting.result).not.toBeNull();
    expect(waiting.events).toEqual(log.events);
    expect(other.relay.counts.followed).toBe(0);
  });

  it('a stop reaches whoever runs the turn', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const live = run(owner, turnOf('turn_1'));
    other.relay.stop('turn_1', 'interrupt');
    await expect.poll(() => live.stop).toBe('interrupt');
  });
});

describe('while the channel does not work', () => {
  it('the same events come from what is stored', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    working = false;
    const live = run(owner, turnOf('turn_1'));
    for (const piece of ['a', 'b', 'c']) say(live, piece);
    expect(owner.relay.wantsLog('turn_1')).toBe(true);
    keep(live, 'running', true);
    const log = logOf(other, live.turn);
    const reader = read(log);
    await expect.poll(() => log.events.length, { timeout: 10_000 }).toBe(4);
    // text may be stored further than the log it was stored with
    say(live, 'd');
    end(owner, live);
    await expect.poll(() => log.result, { timeout: 10_000 }).not.toBeNull();
    expect(log.events).toEqual(live.log.events);
    reader.leave();
  });

  it('a channel that breaks in between loses nothing', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const live = run(owner, turnOf('turn_1'));
    const log = logOf(other, live.turn);
    const reader = read(log);
    say(live, 'by the channel ');
    await expect.poll(() => log.events.length).toBe(2);
    working = false;
    say(live, 'by the store ');
    keep(live, 'running', true);
    await expect.poll(() => log.events.length, { timeout: 10_000 }).toBe(3);
    working = true;
    say(live, 'by the channel again');
    await expect.poll(() => log.events.length, { timeout: 10_000 }).toBe(4);
    expect(log.events).toEqual(live.log.events);
    reader.leave();
  });

  it('an owner who is gone is replaced: the log ends without an end, and its reader comes back', async () => {
    const [owner, other] = [startProcess('a'), startProcess('b')];
    const live = run(owner, turnOf('turn_1'));
    say(live, 'never stored');
    const log = logOf(other, live.turn);
    const reader = read(log);
    await expect.poll(() => log.events.length).toBe(2);
    channels.delete('a');
    const taken = { ...live, turn: { ...live.turn, attempt: 2, fence: 2 }, log: new TurnLog('turn_1', 2) };
    keep(taken, 'running');
    await expect.poll(() => log.abandoned, { timeout: 15_000 }).toBe(true);
    expect(logOf(other, taken.turn).attempt).toBe(2);
    reader.leave();
  });

  it('a turn that is gone with its conversation ends as cancelled, with what it was charged', async () => {
    const other = startProcess('b');
    charges.set('turn_1', 1);
    const log = logOf(other, turnOf('turn_1'));
    const reader = read(log);
    await expect.poll(() => log.result?.turn.status, { timeout: 10_000 }).toBe('cancelled');
    expect(log.result?.turn.charged).toBe(1);
    reader.leave();
  });
});
