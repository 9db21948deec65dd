import { expect, test } from 'vitest';
import { OriginGate } from './origin-gate.ts';

const { signal } = new AbortController();
const options = { delayMs: 0, patienceMs: 1_000, signal };

test('one request at a time goes to an origin, and others do not wait for it', async () => {
  const gate = new OriginGate(Date.now);
  let open = 0;
  let most = 0;
  const request = async (): Promise<void> => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open -= 1;
  };
  await Promise.all([1, 2, 3].map(() => gate.pass('https://a.example', options, request)));
  expect(most).toBe(1);
  await Promise.all(['b', 'c'].map((name) => gate.pass(`https://${name}.example`, options, request)));
  expect(most).toBe(2);
});

test('whoever would have to wait too long is told when to come back, and nothing is asked', async () => {
  let now = 1_000;
  const gate = new OriginGate(() => now);
  const asked: string[] = [];
  const ask = (name: string) =>
    gate.pass('https://a.example', { ...options, delayMs: 5_000 }, async () => asked.push(name));
  await ask('one');
  expect(await ask('two')).toEqual({ retryAt: 6_000 });
  now = 6_000;
  await ask('three');
  expect(asked).toEqual(['one', 'three']);
});

test('a server that asks for it is left alone', async () => {
  const gate = new OriginGate(() => 1_000);
  gate.holdOff('https://a.example', 90_000);
  expect(await gate.pass('https://a.example', options, async () => 1)).toEqual({ retryAt: 90_000 });
});

test('a request that fails frees its origin', async () => {
  const gate = new OriginGate(Date.now);
  const fail = gate.pass('https://a.example', options, () => Promise.reject(new Error('no')));
  await expect(fail).rejects.toThrow('no');
  expect(await gate.pass('https://a.example', options, async () => 2)).toEqual({ result: 2 });
});

test('at most 10,000 origins are remembered, and the pause that ends first is given up for another', async () => {
  let now = 1_000;
  const gate = new OriginGate(() => now);
  const nameOf = (n: number) => `https://${n}.example`;
  const isFree = async (n: number) =>
    'result' in (await gate.pass(nameOf(n), { ...options, patienceMs: 0 }, async () => n));
  const asked = Promise.withResolvers<void>();
  const asking = gate.pass(nameOf(0), { ...options, delayMs: 5_000 }, () => asked.promise);
  for (let n = 1; n <= 10_000; n++) gate.holdOff(nameOf(n), 100_000 - n);
  expect(gate.size).toBe(10_000);
  expect([await isFree(0), await isFree(1), await isFree(9_999)]).toEqual([false, false, true]);
  asked.resolve();
  await asking;
  // those whose pause is over go before any whose is not
  now = 95_000;
  gate.holdOff(nameOf(20_000), 200_000);
  expect(gate.size).toBeLessThan(6_000);
  expect([await isFree(1), await isFree(20_000)]).toEqual([false, false]);
});
