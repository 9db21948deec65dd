import { expect, it } from 'vitest';
import { Gate } from './gate.ts';

const full = new Error('full');
const open = (): Gate => new Gate({ places: 2, placesOfOne: 1, waiting: 3, waitingOfOne: 2 }, () => full);

const endless = (): Promise<never> => new Promise(() => {});

it('lets an owner in beside another that has all it may, however many of that one wait', async () => {
  const gate = open();
  const begun: string[] = [];
  for (const owner of ['busy', 'busy', 'busy', 'other']) {
    void gate.run(owner, () => {
      begun.push(owner);
      return endless();
    });
  }
  expect(begun).toEqual(['busy', 'other']);
  await expect(gate.run('busy', endless)).rejects.toBe(full);
});

it('gives a free place to owners in turn, and not to who has asked first', async () => {
  const gate = new Gate({ places: 1, placesOfOne: 1, waiting: 9, waitingOfOne: 9 }, () => full);
  const begun: string[] = [];
  const ask = (owner: string) =>
    gate.run(owner, () => {
      begun.push(owner);
      return Promise.resolve();
    });
  await Promise.all(['busy', 'busy', 'busy', 'busy', 'other', 'third'].map(ask));
  expect(begun).toEqual(['busy', 'busy', 'other', 'third', 'busy', 'busy']);
});

it('refuses what is too much of all', async () => {
  const gate = open();
  for (const owner of ['busy', 'busy', 'busy', 'other', 'other']) void gate.run(owner, endless);
  await expect(gate.run('third', endless)).rejects.toBe(full);
});
