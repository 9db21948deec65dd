import { expect, it } from 'vitest';
import { isSecret } from './verify-fact.ts';

it.each([
  '4111 1111 1111 1111',
  '4111-1111-1111-1111',
  '4111.1111.1111.1111',
  '4111 – 1111 – 1111 – 1111',
  '４１１１　１１１１　１１１１　１１１１',
  'Visa 4111111111111111, 12/27',
  '4111 1111 1111 1111 12/27',
  '12/27 4111 1111 1111 1111',
  '3782 822463 10005',
])('the number of a card is a secret as %s', (value) => {
  expect(isSecret('number', value)).toBe(true);
});

it.each(['4111 1111 1111 1112', '+49 30 123456', 'order 20261130', '2026-11-30', '1.5, 2, 3, 4 and 5'])(
  '%s is no number of a card',
  (value) => {
    expect(isSecret('number', value)).toBe(false);
  },
);
