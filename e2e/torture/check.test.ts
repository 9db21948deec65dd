import { describe, expect, it } from 'vitest';
import { checkStored } from './check.ts';
import { checkEvents } from './check-streams.ts';
import type { Operation, SeenStream } from './history.ts';
import { textOf } from './model-text.ts';
import type { StoredState } from './stored-state.ts';

/** The checker finds what it is there for: each of these breaks one rule of a history that keeps all of them. */

const name = (order: number): string => `Message ada-${order}-0 canary-a`;

const operation = (order: number, change: Partial<Operation> = {}): Operation => ({
  tenant: 'a',
  userId: 'ada',
  key: `key-${order}`,
  text: name(order),
  way: 'json',
  order,
  turnIds: new Set([`turn_${order}`]),
  ended: [],
  streams: [],
  refusals: [],
  broken: 0,
  outcome: 'acknowledged',
  ...change,
});

type Change = { state?: Partial<StoredState>; history?: Operation[]; told?: { turnId: string; times: number }[] };

const orders = [1, 2];
const message = (order: number, role: string, text: string) => ({
  turn_id: `turn_${order}`,
  conversation_id: 'conv',
  seq: order * 16 + (role === 'user' ? 0 : 15),
  role,
  text,
});
const messages = orders.flatMap((order) => [
  message(order, 'user', name(order)),
  message(order, 'assistant', textOf(name(order), 1)),
]);
const turns = orders.map((order) => ({
  id: `turn_${order}`,
  status: 'completed',
  attempt: 1,
  charged: 1,
  error_code: null,
}));
const ledger = orders.map((order) => ({ owner_id: 'ws', turn_id: `turn_${order}`, messages: 1 }));
const keys = orders.map((order) => ({ key: `key-${order}`, subject_id: `turn_${order}` }));

const found = ({ state = {}, history, told }: Change = {}): string[] => {
  const counters = [{ owner_id: 'ws', used: 2, reserved: 0, hard_limit: 10 }];
  const received = told ?? orders.map((order) => ({ turnId: `turn_${order}`, times: 1 }));
  const violations = checkStored({
    history: history ?? orders.map((order) => operation(order)),
    state: { messages, turns, counters, ledger, keys, undelivered: 0, ...state },
    tenants: [{ name: 'a', key: '', botId: '' }],
    model: { url: '', callsFor: () => 2, strays: [], close: () => Promise.resolve() },
    webhooks: {
      origin: '',
      received: new Map(received.map((event, index) => [String(index), event])),
      close: () => Promise.resolve(),
    },
    faults: 0,
  });
  return violations.map(({ invariant }) => invariant);
};

const counter = (change: Partial<StoredState['counters'][number]>): Partial<StoredState> => ({
  counters: [{ owner_id: 'ws', used: 2, reserved: 0, hard_limit: 10, ...change }],
});
const replied = (text: string): StoredState['messages'] => [...messages.slice(0, 3), { ...messages[3]!, text }];
const spliced = `${textOf(name(2), 1).slice(0, 20)}${textOf(name(2), 2).slice(20)}`;

describe('the checker', () => {
  it('finds nothing in a history that keeps every rule', () => {
    expect(found()).toEqual([]);
  });

  it.each<{ what: string; invariant: string; change: Change }>([
    { what: 'a lost message', invariant: 'I1', change: { state: { messages: messages.slice(2) } } },
    { what: 'a doubled message', invariant: 'I1', change: { state: { messages: [messages[0]!, ...messages] } } },
    {
      what: 'a message that was refused and is stored',
      invariant: 'I1',
      change: { history: [operation(1), operation(2, { turnIds: new Set(), outcome: 'refused' })] },
    },
    {
      what: 'messages out of order',
      invariant: 'I1',
      change: { state: { messages: messages.map((row) => ({ ...row, seq: 100 - row.seq })) } },
    },
    { what: 'two replies', invariant: 'I3', change: { state: { messages: [...messages, messages[3]!] } } },
    { what: 'no reply', invariant: 'I3', change: { state: { messages: messages.slice(0, 3) } } },
    { what: 'a reply of two calls', invariant: 'I3', change: { state: { messages: replied(spliced) } } },
    { what: 'half a reply', invariant: 'I3', change: { state: { messages: replied(textOf(name(2), 1).slice(0, 9)) } } },
    {
      what: 'two turns of one key',
      invariant: 'I4',
      change: { history: [operation(1), operation(2, { turnIds: new Set(['turn_2', 'turn_9']) })] },
    },
    { what: 'a reservation that stays', invariant: 'I5', change: { state: counter({ reserved: 1 }) } },
    { what: 'a counter that is not its ledger', invariant: 'I5', change: { state: counter({ used: 3 }) } },
    { what: 'a counter above its limit', invariant: 'I5', change: { state: counter({ hard_limit: 1 }) } },
    { what: 'a turn charged twice', invariant: 'I6', change: { state: { ledger: [...ledger, ledger[0]!] } } },
    {
      what: 'a charge for what did not complete',
      invariant: 'I6',
      change: { state: { turns: turns.map((turn) => ({ ...turn, status: 'interrupted' })) } },
    },
    { what: 'an event that was not told', invariant: 'I8', change: { told: [{ turnId: 'turn_1', times: 1 }] } },
    {
      what: 'an event under two ids',
      invariant: 'I8',
      change: { told: ['turn_1', 'turn_2', 'turn_2'].map((turnId) => ({ turnId, times: 1 })) },
    },
    {
      what: 'an operation without an end',
      invariant: 'L',
      change: { history: [operation(1), operation(2, { outcome: 'open' })] },
    },
  ])('finds $what', ({ invariant, change }) => {
    expect(found(change)).toContain(invariant);
  });
});

describe('what readers of one turn saw', () => {
  const seen = (after: string | null, ...events: [id: string, data: string][]): SeenStream => ({
    turnId: null,
    after,
    events: events.map(([id, data]) => ({ id, event: 'reply.delta', data })),
  });
  const whole = seen(null, ['1-1', 'a'], ['1-2', 'b'], ['1-3', 'c']);

  it.each([
    { streams: [whole, seen('1-1', ['1-2', 'b'], ['1-3', 'c'])], violations: 0 },
    { streams: [seen('1-2', ['2-0', ''], ['2-1', 'x'])], violations: 0 },
    { streams: [whole, seen('1-1', ['1-3', 'c'])], violations: 1 },
    { streams: [whole, seen('1-1', ['1-2', 'other'])], violations: 1 },
    { streams: [seen('1-1', ['2-2', 'x'])], violations: 1 },
    { streams: [seen('2-1', ['1-2', 'b'])], violations: 1 },
  ])('has no gap and never changes: $violations', ({ streams, violations }) => {
    expect(checkEvents('turn_1', streams)).toHaveLength(violations);
  });
});
