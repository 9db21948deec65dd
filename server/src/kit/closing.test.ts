import { expect, it } from 'vitest';
import { Closing } from './closing.ts';

const recorded = () => {
  const done: string[] = [];
  const failed: string[] = [];
  const closing = new Closing((step, error) => failed.push(`${step}: ${(error as Error).message}`));
  const step = (name: string) => [name, () => done.push(name)] as const;
  return { closing, done, failed, step };
};

it('closes last what was opened first, and what was added together in its order', async () => {
  const { closing, done, step } = recorded();
  closing.add(step('store'));
  closing.add(step('models'));
  closing.add(step('refuse'), step('drain'));
  await closing.close();
  expect(done).toEqual(['refuse', 'drain', 'models', 'store']);
});

it('goes on behind a step that fails, at once or later, and says which it was', async () => {
  const { closing, done, failed, step } = recorded();
  closing.add(step('store'));
  closing.add(['models', () => Promise.reject(new Error('later'))]);
  closing.add([
    'web',
    () => {
      throw new Error('at once');
    },
  ]);
  await closing.close();
  expect([done, failed]).toEqual([['store'], ['web: at once', 'models: later']]);
});

it('closes once, however often it is asked to', async () => {
  const { closing, done, step } = recorded();
  closing.add(step('store'));
  await Promise.all([closing.close(), closing.close()]);
  await closing.close();
  expect(done).toEqual(['store']);
});
