import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../core/error.ts';
import { LostRace } from './lost-race.ts';
import { type UnitKind, UnitQueue } from './unit-queue.ts';

type Unit = { workspace: string; name: string; keys: string[] };

const unit = (name: string, change: Partial<Unit> = {}): Unit => ({ workspace: 'ws_1', name, keys: [name], ...change });

const violated = (): Error => Object.assign(new Error('duplicate key'), { code: '23505' });

/** A queue whose statements are recorded; what `change` leaves out succeeds. */
const queueOf = (change: Partial<UnitKind<Unit, string>> = {}) => {
  const statements: string[][] = [];
  const transactions: string[] = [];
  const kind: UnitKind<Unit, string> = {
    workspaceOf: ({ workspace }) => workspace,
    keysOf: ({ keys }) => keys,
    together: (units) => Promise.resolve(units.map(({ name }) => ({ result: `${name} together` }))),
    alone: ({ name }) => Promise.resolve(`${name} alone`),
    ...change,
  };
  const queue = new UnitQueue<Unit, string>({
    ...kind,
    together: (units) => {
      statements.push(units.map(({ name }) => name));
      return kind.together(units);
    },
    alone: (one) => {
      transactions.push(one.name);
      return kind.alone(one);
    },
  });
  return { queue, statements, transactions };
};

describe('units of one tick', () => {
  it('share a statement where they are of one workspace', async () => {
    const { queue, statements } = queueOf();
    const units = [unit('a'), unit('b'), unit('c', { workspace: 'ws_2' })];
    expect(await Promise.all(units.map((one) => queue.run(one)))).toEqual(['a together', 'b together', 'c together']);
    expect(statements).toEqual([['a', 'b'], ['c']]);
  });

  it('go one behind the other, in their order, where they share a key', async () => {
    const { queue, statements } = queueOf();
    const units = [
      unit('a', { keys: ['conversation'] }),
      unit('b', { keys: ['conversation', 'key'] }),
      unit('c', { keys: ['key'] }),
      unit('d'),
    ];
    await Promise.all(units.map((one) => queue.run(one)));
    expect(statements).toEqual([['a', 'd'], ['b'], ['c']]);
  });

  it('are at most 64 in a statement', async () => {
    const { queue, statements } = queueOf();
    await Promise.all(Array.from({ length: 130 }, (_, index) => queue.run(unit(String(index)))));
    expect(statements.map((units) => units.length)).toEqual([64, 64, 2]);
  });
});

describe('a unit that a statement leaves', () => {
  it('runs in a transaction, again where it was overtaken, before the next of its key', async () => {
    let races = 0;
    const { queue, statements, transactions } = queueOf({
      together: (units) => Promise.resolve(units.map(({ name }) => (name === 'a' ? null : { result: name }))),
      alone: ({ name }) => ((races += 1) < 3 ? Promise.reject(new LostRace('overtaken')) : Promise.resolve(name)),
    });
    const units = [unit('a', { keys: ['same'] }), unit('b', { keys: ['same'] })];
    expect(await Promise.all(units.map((one) => queue.run(one)))).toEqual(['a', 'b']);
    expect(statements).toEqual([['a'], ['b']]);
    expect(transactions).toEqual(['a', 'a', 'a']);
  });

  it('is refused where it is overtaken without end', async () => {
    const { queue } = queueOf({
      together: (units) => Promise.resolve(units.map(() => null)),
      alone: () => Promise.reject(new LostRace('overtaken')),
    });
    await expect(queue.run(unit('a'))).rejects.toMatchObject({ code: 'overloaded' });
  });
});

describe('a statement that fails', () => {
  it('is run again with each unit for itself, and only the one at fault fails', async () => {
    const { queue, statements } = queueOf({
      together: (units) =>
        units.some(({ name }) => name === 'b')
          ? Promise.reject(violated())
          : Promise.resolve(units.map(({ name }) => ({ result: name }))),
      alone: () => Promise.reject(violated()),
    });
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.run(unit(name))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(statements).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
  });

  it('for a reason of the database fails all of its units, which may have been written, and runs none again', async () => {
    const failure = new ParleyError('storage_unavailable');
    const { queue, statements, transactions } = queueOf({ together: () => Promise.reject(failure) });
    const results = await Promise.allSettled(['a', 'b'].map((name) => queue.run(unit(name))));
    expect(results).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
    expect([statements, transactions]).toEqual([[['a', 'b']], []]);
  });
});

it('refuses units once 10,000 of them wait', async () => {
  const { queue } = queueOf();
  const waiting = Array.from({ length: 10_000 }, (_, index) => queue.run(unit(String(index))));
  await expect(queue.run(unit('late'))).rejects.toMatchObject({ code: 'overloaded' });
  await Promise.all(waiting);
  expect(await queue.run(unit('later'))).toBe('later together');
});
