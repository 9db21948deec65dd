import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { ask, type Asked, type Asking, begin } from './idempotency/ask.ts';
import { type Cell, cells, modes, outcomes, type Situation, situations } from './idempotency/dimensions.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Two calls with one Idempotency-Key, whatever happened before the second one, and in whichever form each is asked. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;
/** Another API key of the workspace. */
let otherKey: string;
/** A workspace that the same API key works in, and a bot of it. */
let elsewhere: { bot: string; headers: Record<string, string> };
/** Calls of the provider that wait for the test, by the message they were asked. */
let held: Map<string, ProviderCall>;

const reply = saying('Once and only once.');
const questionOf = (call: ProviderCall): string => call.messages.at(-1)?.content ?? '';

beforeAll(async () => {
  held = new Map();
  provider = await startScriptedProvider((call, number) => {
    const question = questionOf(call);
    if (question.startsWith('while running')) held.set(question, call);
    else if (question.startsWith('after a stored error')) call.fail(400);
    else void reply(call, number);
  });
  server = await boot({ providerUrl: provider.url, plan: { messages_per_month: 10_000 } });
  bot = await server.makeBot();
  const { body: key } = await server.send('POST', '/v1/keys', { body: { name: 'other', scopes: ['chat'] } });
  otherKey = key.secret;
  const { body: client } = await server.send('POST', '/v1/workspaces', { body: { name: 'Client' } });
  const headers = { 'parley-workspace': client.id as string };
  const made = await server.send('POST', '/v1/bots', { headers, body: { name: 'Bot', model: 'test/any' } });
  elsewhere = { bot: made.body.id, headers };
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const nameOf = ({ situation, first, second }: Cell): string => `${situation}, ${first} and then ${second}`;

const askingOf = (cell: Cell, mode: Cell['first']): Asking => ({
  mode,
  idempotencyKey: nameOf(cell),
  bot,
  message: nameOf(cell),
  userId: nameOf(cell),
});

type Two = { first: Asked | null; second: Asked };

const oneThenOther = async (cell: Cell, change: Partial<Asking> = {}): Promise<Two> => {
  const first = await ask(server, askingOf(cell, cell.first));
  return { first, second: await ask(server, { ...askingOf(cell, cell.second), ...change }) };
};

/** The second call comes while the model has not said a word, and neither is answered before it has. */
const whileRunning = async (cell: Cell): Promise<Two> => {
  const one = begin(server, askingOf(cell, cell.first));
  await expect.poll(() => held.get(nameOf(cell)), { timeout: 10_000 }).toBeDefined();
  const other = begin(server, askingOf(cell, cell.second));
  let answered = 0;
  for (const { ended } of [one, other]) void ended.then(() => (answered += 1));
  await other.begun();
  // something else that takes the same way, and is answered
  await server.send('GET', '/v1/usage');
  expect(answered).toBe(0);
  const call = held.get(nameOf(cell))!;
  call.say('Once');
  call.end();
  return { first: await one.ended, second: await other.ended };
};

const arrange: Readonly<Record<Situation, (cell: Cell) => Promise<Two>>> = {
  first: async (cell) => ({ first: null, second: await ask(server, askingOf(cell, cell.second)) }),
  'after success': (cell) => oneThenOther(cell),
  'after a stored error': (cell) => oneThenOther(cell),
  'while running': whileRunning,
  'other body': (cell) => oneThenOther(cell, { message: 'Something else' }),
  'other path': async (cell) => {
    const made = await server.send('POST', '/v1/conversations', {
      body: { bot_id: bot, user_id: nameOf(cell) },
      headers: { 'idempotency-key': nameOf(cell) },
    });
    expect(made.status).toBe(201);
    return { first: null, second: await ask(server, askingOf(cell, cell.second)) };
  },
  'other workspace': (cell) => oneThenOther(cell, elsewhere),
  'other API key': (cell) => oneThenOther(cell, { key: otherKey }),
  expired: async (cell) => {
    const first = await ask(server, askingOf(cell, cell.first));
    await server.write(`update idempotency_keys set expires_at = 1 where key = '${nameOf(cell)}'`);
    const second = await ask(server, askingOf(cell, cell.second));
    // the key belongs to the second call from now on
    const third = await ask(server, askingOf(cell, cell.first));
    expect([third.turnId, third.replayed]).toEqual([second.turnId, true]);
    return { first, second };
  },
};

const ran = new Set<string>();

/** The turns that both calls have made, with what each was charged. */
const turnsOf = async (cell: Cell): Promise<{ id: string; charged: number }[]> => {
  const rows = await server.query(
    `select t.id, (select sum(l.messages) from quota_ledger l where l.turn_id = t.id and l.owner_id = t.workspace_id) as charged,
        (select count(*) from messages m where m.turn_id = t.id and m.role = 'user') as messages
      from turns t where t.user_id = '${nameOf(cell)}'`,
  );
  expect(rows.every(({ messages }) => Number(messages) === 1)).toBe(true);
  return rows.map(({ id, charged }) => ({ id: String(id), charged: Number(charged) }));
};

describe.each(situations)('the second call with an Idempotency-Key: %s', (situation) => {
  const ofSituation = cells.filter((cell) => cell.situation === situation);
  it.each(ofSituation)('$first and then $second', async (cell) => {
    const outcome = outcomes[situation];
    const { first, second } = await arrange[situation](cell);
    const turns = await turnsOf(cell);
    const made = {
      same: first?.turnId,
      new: turns.map(({ id }) => id).find((id) => id !== first?.turnId),
      refused: null,
    };
    // a turn that failed is told by a stream that began well
    const status = cell.second === 'stream' && outcome.turn === 'same' ? 200 : outcome.status;
    expect(second).toMatchObject({
      status,
      code: outcome.code,
      turnId: made[outcome.turn],
      replayed: outcome.turn === 'same',
    });
    const sameForm = cell.first === cell.second && outcome.turn === 'same';
    const sameBytes = withoutIds(second.text) === withoutIds(first?.text ?? '');
    expect(sameBytes || !sameForm).toBe(true);
    expect({
      turns: turns.length,
      charged: turns.reduce((sum, { charged }) => sum + charged, 0),
      asked: provider.calls.filter((call) => questionOf(call) === nameOf(cell)).length,
    }).toEqual({ turns: outcome.turns, charged: outcome.charged, asked: outcome.asked });
    ran.add(nameOf(cell));
  });
});

/** An error names its request, which is another one. */
const withoutIds = (text: string): string => text.replaceAll(/req_\w+/g, 'req_');

it('leaves no cell out', () => {
  expect(ran.size).toBe(situations.length * modes.length * modes.length);
});
