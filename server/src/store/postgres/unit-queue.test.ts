import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../core/error.ts';
import { LostRace } from './lost-race.ts';
import { type Settled, type StatementPlace, type UnitKind, UnitQueue } from './unit-queue.ts';

type Unit = { workspace: string; name: string; keys: string[]; place: StatementPlace | null };

const unit = (name: string, change: Partial<Unit> = {}): Unit => ({
  workspace: 'ws_1',
  name,
  keys: [name],
  place: null,
  ...change,
});

const violated = (): Error => Object.assign(new Error('duplicate key'), { code: '23505' });
/** Whoever held a lock did so for too long. */
const timedOut = (): Error => Object.assign(new Error('lock timeout'), { code: '55P03' });

type Together = (units: readonly Unit[]) => Promise<Settled<string>[]>;

/** A queue whose statements are recorded; what `change` leaves out succeeds. */
const queueOf = (change: { together?: Together; alone?: UnitKind<Unit, string>['alone'] } = {}) => {
  const statements: string[][] = [];
  const transactions: string[] = [];
  const {
    together = (units) => Promise.resolve(units.map(({ name }) => ({ result: `${name} together` }))),
    alone = ({ name }) => Promise.resolve(`${name} alone`),
  } = change;
  const queue = new UnitQueue<Unit, string>({
    workspaceOf: ({ workspace }) => workspace,
    placeOf: ({ place }) => place,
    keysOf: ({ keys }) => keys,
    together: async (groups) => {
      const units = groups.flat();
      statements.push(units.map(({ name }) => name));
      const outcomes = await together(units);
      return groups.map((group) => group.map((one) => outcomes[units.indexOf(one)] ?? null));
    },
    alone: (one) => {
      transactions.push(one.name);
      return alone(one);
    },
  });
  return { queue, statements, transactions };
};

/** One in which the unit `b` fails whatever carries it. */
const faultyQueue = () =>
  queueOf({
    together: (units) =>
      units.some(({ name }) => name === 'b')
        ? Promise.reject(violated())
        : Promise.resolve(units.map(({ name }) => ({ result: name }))),
    alone: () => Promise.reject(violated()),
  });

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

/** Of a workspace whose outermost counter is its own, unless it is another's. */
const counted = (name: string, workspace: string, place: Partial<StatementPlace> = {}): Unit =>
  unit(name, { workspace, place: { era: 1, root: workspace, ...place } });

describe('units of several workspaces', () => {
  it('share a statement in the order of the counters that they lock first', async () => {
    const { queue, statements } = queueOf();
    const units = [
      counted('a', 'ws_3'),
      counted('b', 'ws_2', { root: 'ws_9' }),
      counted('c', 'ws_1', { root: 'ws_9' }),
      counted('d', 'ws_3'),
    ];
    await Promise.all(units.map((one) => queue.run(one)));
    expect(statements).toEqual([['a', 'd', 'c', 'b']]);
  });

  it('share none where they count in another period, or in nothing', async () => {
    const { queue, statements } = queueOf();
    const units = [
      counted('a', 'ws_1'),
      counted('b', 'ws_2', { era: 2 }),
      unit('c', { workspace: 'ws_3' }),
      counted('d', 'ws_4'),
      counted('e', 'ws_5'),
      unit('f', { workspace: 'ws_5' }),
    ];
    await Promise.all(units.map((one) => queue.run(one)));
    expect(statements).toEqual([['c'], ['f'], ['a', 'd', 'e'], ['b']]);
  });

  it('are at most 64 together, and those of a crowded one make no others wait', async () => {
    const { queue, statements } = queueOf();
    const crowd = Array.from({ length: 100 }, (_, at) => counted(`crowd ${at}`, 'ws_1'));
    await Promise.all([...crowd, counted('other', 'ws_2')].map((one) => queue.run(one)));
    expect(statements.map((units) => units.length)).toEqual([64, 1, 36]);
    expect(statements[1]).toEqual(['other']);
  });

  it('wait for the next statement while two run, unless they are many', async () => {
    const held = Promise.withResolvers<void>();
    const { queue, statements } = queueOf({
      together: (units) => held.promise.then(() => units.map(({ name }) => ({ result: name }))),
    });
    const all: Promise<string>[] = [];
    const send = (count: number) => {
      for (let at = 0; at < count; at++) all.push(queue.run(counted(`${all.length}`, `ws_${all.length}`)));
      return new Promise(setImmediate);
    };
    await send(1);
    await send(1);
    await send(15);
    await send(0);
    expect(statements.map((units) => units.length)).toEqual([1, 1]);
    await send(1);
    await send(0);
    expect(statements.map((units) => units.length)).toEqual([1, 1, 16]);
    held.resolve();
    await Promise.all(all);
  });

  it('run again each workspace for itself where one was at fault, and then its units', async () => {
    const { queue, statements } = faultyQueue();
    const units = [counted('a', 'ws_1'), counted('b', 'ws_1'), counted('c', 'ws_2'), counted('d', 'ws_3')];
    const results = await Promise.allSettled(units.map((one) => queue.run(one)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(statements).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['c'], ['d'], ['a'], ['b']]);
  });

  it('of one agency wait for one statement at most, so that its counter holds up no others', async () => {
    const held = Promise.withResolvers<void>();
    const { queue, statements } = queueOf({
      together: async (units) => {
        if (units.some(({ place }) => place?.root === 'agency')) await held.promise;
        return units.map(({ name }) => ({ result: name }));
      },
    });
    const all = [queue.run(counted('a', 'ws_1', { root: 'agency' }))];
    await new Promise(setImmediate);
    all.push(queue.run(counted('b', 'ws_2', { root: 'agency' })), queue.run(counted('c', 'ws_3')));
    expect(await all[2]).toBe('c');
    expect(statements).toEqual([['a'], ['c']]);
    held.resolve();
    await Promise.all(all);
    expect(statements).toEqual([['a'], ['c'], ['b']]);
  });

  it('of one agency run again workspace by workspace where a unit of one was at fault', async () => {
    const { queue, statements } = faultyQueue();
    const units = ['a ws_1', 'b ws_1', 'c ws_2'].map((unitOf) => {
      const [name = '', workspace = ''] = unitOf.split(' ');
      return counted(name, workspace, { root: 'agency' });
    });
    const results = await Promise.allSettled(units.map((one) => queue.run(one)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(statements).toEqual([['a', 'b', 'c'], ['a', 'b'], ['a'], ['b'], ['c']]);
  });

  it('share a statement by periods where it is the turn of a month, and none is left', async () => {
    const { queue, statements } = queueOf();
    const units = [counted('a', 'ws_1', { era: 2 }), counted('b', 'ws_1'), counted('c', 'ws_1', { era: 2 })];
    await Promise.all(units.map((one) => queue.run({ ...one, keys: [] })));
    expect(statements).toEqual([['a', 'c'], ['b']]);
  });

  it('are kept from one that waits for a lock, until it gets through', async () => {
    let isLocked = true;
    const { queue, statements } = queueOf({
      together: (units) =>
        isLocked && units.some(({ workspace }) => workspace === 'ws_1')
          ? Promise.reject(timedOut())
          : Promise.resolve(units.map(({ name }) => ({ result: name }))),
    });
    const send = (...names: [string, string]) =>
      Promise.allSettled(names.map((name, at) => queue.run(counted(name, `ws_${at + 1}`))));
    expect((await send('a', 'b')).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect((await send('c', 'd')).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    isLocked = false;
    await send('e', 'f');
    await send('g', 'h');
    expect(statements).toEqual([['a', 'b'], ['a'], ['b'], ['c'], ['d'], ['e'], ['f'], ['g', 'h']]);
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
    const { queue, statements } = faultyQueue();
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

/** Transactions that have begun, and how to end them. */
const heldTransactions = () => {
  const begun: string[] = [];
  const held = Promise.withResolvers<void>();
  const { queue, statements } = queueOf({
    together: (inputs) => Promise.resolve(inputs.map(() => null)),
    alone: async ({ name }) => {
      begun.push(name);
      await held.promise;
      return name;
    },
  });
  return { queue, begun, statements, end: () => held.resolve() };
};
const units = (count: number, workspace: string): Unit[] =>
  Array.from({ length: count }, (_, index) => unit(`${workspace} ${index}`, { workspace }));

describe('a crowd', () => {
  it('of 10,000 units that wait is refused more, until they have ended', async () => {
    const { queue } = queueOf();
    const waiting = [...units(5_000, 'ws_1'), ...units(5_000, 'ws_2')].map((one) => queue.run(one));
    const late = queue.run(unit('late', { workspace: 'ws_3' }));
    await expect(late).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
    await Promise.all(waiting);
    expect(await queue.run(unit('later'))).toBe('later together');
  });

  it('of one workspace leaves room to others', async () => {
    const { queue } = queueOf();
    const waiting = units(8_000, 'ws_1').map((one) => queue.run(one));
    await expect(queue.run(unit('late'))).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
    expect(await queue.run(unit('other', { workspace: 'ws_2' }))).toBe('other together');
    await Promise.all(waiting);
  });

  it('of units that run counts as one that waits does', async () => {
    const held = Promise.withResolvers<void>();
    const { queue, statements } = queueOf({
      together: (inputs) => held.promise.then(() => inputs.map(({ name }) => ({ result: name }))),
    });
    const running = Array.from({ length: 10_000 }, (_, at) => queue.run(unit('a', { workspace: `ws_${at}` })));
    await expect.poll(() => statements.length).toBe(10_000);
    await expect(queue.run(unit('late'))).rejects.toMatchObject({ code: 'overloaded' });
    held.resolve();
    await Promise.all(running);
  });

  it('of transactions is refused more than 1,000 that wait of one workspace, and 2,000 in all', async () => {
    const { queue, begun, end } = heldTransactions();
    const counts = { done: 0, overloaded: 0 };
    const run = (one: Unit) =>
      queue.run(one).then(
        () => void counts.done++,
        (error: unknown) => {
          if (!(error instanceof ParleyError) || error.code !== 'overloaded') throw error;
          counts.overloaded += 1;
        },
      );
    const all = units(1_100, 'ws_1').map(run);
    await expect.poll(() => counts.overloaded).toBe(1_100 - 1_002);
    all.push(...units(900, 'ws_2').map(run), ...units(200, 'ws_3').map(run));
    await expect.poll(() => counts.overloaded).toBe(2_200 - 2_004);
    expect(begun).toHaveLength(4);
    end();
    await Promise.all(all);
    expect(counts.done).toBe(2_004);
  });

  it('of transactions of one workspace that are held up leaves places to those of others', async () => {
    const { queue, begun, statements, end } = heldTransactions();
    const all = units(10, 'ws_1').map((one) => queue.run(one));
    await expect.poll(() => begun).toEqual(['ws_1 0', 'ws_1 1']);
    all.push(...units(2, 'ws_2').map((one) => queue.run(one)));
    await expect.poll(() => begun.slice(2)).toEqual(['ws_2 0', 'ws_2 1']);
    all.push(...units(2, 'ws_3').map((one) => queue.run(one)));
    await expect.poll(() => statements.at(-1)).toEqual(['ws_3 0', 'ws_3 1']);
    end();
    await Promise.all(all);
    // whoever has waited with one gets a place before the next of a workspace that has had some
    expect(begun.indexOf('ws_3 0')).toBeLessThan(begun.indexOf('ws_1 4'));
  });
});
