import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cell, cells, modelOf, runAll } from './faults/cells.ts';
import { chains, dialectNames, modes } from './faults/dialects.ts';
import { type Outcome, outcomeOf } from './faults/outcomes.ts';
import { type Evidence, makeBot, runCell } from './faults/run-cell.ts';
import { type FaultyWorld, modelsOf, startFaultyWorld } from './faults/set-up.ts';
import { shapeNames, shapeOf } from './faults/shapes.ts';

/**
 * Every shape in which a provider fails, in every dialect, streamed and whole, with and without another model to go on
 * with, against the real server: one terminal event, the right code, no more requests than may help, what text there was
 * kept, and charged by the rule.
 */

/** Most of them wait for a limit on time, so that many cost little more than one. */
const cellsAtOnce = 80;
/** Making bots is work, and does not wait. */
const botsAtOnce = 4;

let world: FaultyWorld;
let results: ReadonlyMap<Cell, Promise<Evidence>>;

beforeAll(async () => {
  world = await startFaultyWorld();
  const bots = runAll((cell) => makeBot(world.server, modelsOf(cell)), botsAtOnce);
  results = runAll(async (cell) => runCell(world.server, { bot: await bots.get(cell)!, mode: cell.mode }), cellsAtOnce);
});
afterAll(async () => {
  await Promise.allSettled(results.values());
  await world.close();
});

const evidenceOf = (cell: Cell): Promise<Evidence> =>
  results.get(cell) ?? Promise.reject(new Error('a cell did not run'));

const terminal = /^turn\.(?:completed|failed|cancelled|interrupted)$/;

const expectEnd = ({ events, sameBytes, turn }: Evidence, mode: Cell['mode'], outcome: Outcome): void => {
  for (const names of mode === 'stream' ? [events.read, events.kept] : [events.kept]) {
    expect(names.filter((name) => terminal.test(name))).toEqual([`turn.${outcome.ends}`]);
    expect(names.at(-1)).toBe(`turn.${outcome.ends}`);
  }
  expect(sameBytes).toBe(true);
  expect(turn.status).toBe(outcome.ends);
};

const expectFailure = (evidence: Evidence, { mode }: Cell, outcome: Outcome & { ends: 'failed' }): void => {
  const { turn, code, deltas, charged } = evidence;
  expect([code, turn.error.code, turn.finish_reason]).toEqual([outcome.code, outcome.code, 'error']);
  expect([charged, turn.usage.messages]).toEqual([0, 0]);
  const text: string = turn.reply?.content ?? '';
  expect(text !== '').toBe(outcome.partial);
  if (mode === 'stream') expect(deltas).toBe(text);
};

const expectReply = (evidence: Evidence, { mode }: Cell, outcome: Outcome & { ends: 'completed' }): void => {
  const { turn, status, deltas, charged, attempts } = evidence;
  expect([status, turn.error]).toEqual([200, null]);
  expect([turn.reply.content, turn.finish_reason]).toEqual([outcome.text, outcome.finishReason]);
  if (mode === 'stream') expect(deltas).toBe(outcome.text);
  expect([charged, turn.usage.messages]).toEqual([1, 1]);
  expect(attempts.at(-1)?.usage?.estimated).toBe(outcome.counted === 'here');
};

describe.each(shapeNames)('a provider with: %s', (shape) => {
  const ofShape = cells.filter((cell) => cell.shape === shape);
  it.each(ofShape)('in the dialect of $dialect, as $mode, $chain', async (cell) => {
    const outcome = outcomeOf(cell);
    const evidence = await evidenceOf(cell);
    expectEnd(evidence, cell.mode, outcome);
    if (outcome.ends === 'failed') expectFailure(evidence, cell, outcome);
    else expectReply(evidence, cell, outcome);
    expect(evidence.attempts).toHaveLength(outcome.attempts);
    const { model } = modelsOf(cell);
    const asked = evidence.attempts.filter((attempt) => attempt.model === model).length;
    // what no request got through for is known by the receipt alone
    const counted = 'fault' in shapeOf(shape) ? world.proxy.callsOf(modelOf(cell), cell.dialect) : asked;
    expect(counted).toBe(asked);
  });
});

it('leaves no cell out, and the counters are the sum of the charges', async () => {
  const all = await Promise.all(cells.map((cell) => evidenceOf(cell)));
  expect(all).toHaveLength(shapeNames.length * dialectNames.length * modes.length * chains.length);
  const charges = all.reduce((sum, { charged }) => sum + charged, 0);
  const { body } = await world.server.send('GET', '/v1/usage');
  expect(body.messages).toMatchObject({ used: charges, reserved: 0 });
});
