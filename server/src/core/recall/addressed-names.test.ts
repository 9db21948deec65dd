import { expect, it } from 'vitest';
import { addressedNames } from './addressed-names.ts';

it.each([
  ['Hi Ann!', ['ann']],
  ['Thanks, Ann. That helps.', ['ann']],
  ['That is great, Ann!', ['ann']],
  ['Danke, Jörg!', ['jorg']],
])('"%s" speaks to %j', (text, names) => {
  expect([...addressedNames(text)]).toEqual(names);
});

it.each(['I met Ann in Rome.', 'Paris and Rome, and more', 'ann, come!', '', 'OK'])('"%s" speaks to nobody', (text) => {
  expect([...addressedNames(text)]).toEqual([]);
});

it('a text of many names is a list', () => {
  expect(addressedNames('Hi Ann! Hi Ben! Hi Carl! Hi Dora! Hi Eve! Hi Fay!').size).toBe(4);
});
