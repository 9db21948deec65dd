import { describe, expect, it } from 'vitest';
import { GrowthWatch } from './measure-tables.ts';

const watch = () => {
  const looks: PromiseWithResolvers<void>[] = [];
  const errors: unknown[] = [];
  const growth = new GrowthWatch(
    () => {
      const look = Promise.withResolvers<void>();
      looks.push(look);
      return look.promise;
    },
    (error) => errors.push(error),
  );
  return { growth, looks, errors };
};

/** What was settled has been heard of. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a watch over the growth of tables', () => {
  it('looks behind some turns, and then each time when there were four times as many', async () => {
    const { growth, looks } = watch();
    const seen: number[] = [];
    for (let turns = 1; turns <= 5_000; turns++) {
      growth.note(1);
      if (looks.length === seen.length) continue;
      seen.push(turns);
      looks.at(-1)?.resolve();
      await settled();
    }
    expect(seen).toEqual([64, 256, 1_024, 4_096]);
  });

  it('looks once at a time', async () => {
    const { growth, looks } = watch();
    growth.note(64);
    growth.note(10_000);
    expect(looks).toHaveLength(1);
    looks[0]?.resolve();
    await settled();
    growth.note(1);
    expect(looks).toHaveLength(2);
  });

  it('is closed when the look has ended, and looks no more', async () => {
    const { growth, looks } = watch();
    growth.note(64);
    let closed = false;
    const closing = growth.close().then(() => (closed = true));
    await settled();
    expect(closed).toBe(false);
    looks[0]?.resolve();
    await closing;
    growth.note(10_000);
    expect(looks).toHaveLength(1);
  });

  it('says what failed, and goes on', async () => {
    const { growth, looks, errors } = watch();
    growth.note(100);
    looks[0]?.reject(new Error('no room'));
    await settled();
    expect(errors).toEqual([new Error('no room')]);
    growth.note(400);
    expect(looks).toHaveLength(2);
  });
});
