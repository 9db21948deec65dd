import { describe, expect, it } from 'vitest';
import { Breaker, type BreakerOutcome, Breakers, defaultBreakerPolicy } from './breaker.ts';

const start = (): { breaker: Breaker; ask: (...outcomes: BreakerOutcome[]) => void; later: (ms: number) => void } => {
  let now = 1_000_000;
  const breaker = new Breaker(defaultBreakerPolicy, () => now);
  return {
    breaker,
    ask: (...outcomes) => {
      for (const outcome of outcomes) breaker.admit()?.done(outcome);
    },
    later: (ms) => {
      now += ms;
    },
  };
};

const many = (count: number, outcome: BreakerOutcome): BreakerOutcome[] => Array.from({ length: count }, () => outcome);

describe('a breaker stays closed', () => {
  it.each([
    ['below ten requests', many(9, 'failed')],
    ['below five failures', [...many(6, 'ok'), ...many(4, 'failed')]],
    ['below half of the requests failing', [...many(12, 'ok'), ...many(11, 'failed')]],
    ['where requests were only aborted', many(30, 'neutral')],
  ])('%s', (_name, outcomes) => {
    const { breaker, ask } = start();
    ask(...outcomes);
    expect(breaker.admit()).not.toBeNull();
  });

  it('where the failures are further apart than the window', () => {
    const { breaker, ask, later } = start();
    ask(...many(9, 'failed'));
    later(31_000);
    ask('failed');
    expect(breaker.admit()).not.toBeNull();
  });
});

describe('an open breaker', () => {
  const open = (): ReturnType<typeof start> => {
    const started = start();
    started.ask(...many(5, 'ok'), ...many(5, 'failed'));
    return started;
  };

  it('admits nothing until it has rested, then one probe at a time', () => {
    const { breaker, later } = open();
    later(14_999);
    expect(breaker.admit()).toBeNull();
    later(1);
    expect(breaker.admit()).not.toBeNull();
    expect(breaker.admit()).toBeNull();
  });

  it('closes, with a clean record, when the probe succeeds', () => {
    const { breaker, ask, later } = open();
    later(15_000);
    ask('ok', ...many(4, 'failed'));
    expect(breaker.admit()).not.toBeNull();
  });

  it('rests again when the probe fails', () => {
    const { breaker, ask, later } = open();
    later(15_000);
    ask('failed');
    later(14_999);
    expect(breaker.admit()).toBeNull();
    later(1);
    expect(breaker.admit()).not.toBeNull();
  });

  it('lets the next one probe when the probe was aborted', () => {
    const { breaker, ask, later } = open();
    later(15_000);
    ask('neutral');
    expect(breaker.admit()).not.toBeNull();
  });

  it('is not closed by a request from before it opened', () => {
    const started = start();
    const early = started.breaker.admit();
    started.ask(...many(10, 'failed'));
    early?.done('ok');
    expect(started.breaker.admit()).toBeNull();
  });

  it('does not rest longer for a request from before it opened', () => {
    const { breaker, ask, later } = start();
    const early = breaker.admit();
    ask(...many(10, 'failed'));
    later(14_000);
    early?.done('failed');
    later(1000);
    expect(breaker.admit()).not.toBeNull();
  });

  it('does not rest longer when the clock is set back', () => {
    const { breaker, later } = open();
    later(-3_600_000);
    expect(breaker.admit()).not.toBeNull();
  });
});

it('breakers are kept by name, and the ones not used are forgotten', () => {
  const breakers = new Breakers(() => 0);
  const first = breakers.of('a/first');
  for (let index = 0; index < 999; index += 1) breakers.of(`a/${index}`);
  expect(breakers.of('a/first')).toBe(first);
  for (let index = 0; index < 1000; index += 1) breakers.of(`b/${index}`);
  expect(breakers.of('a/first')).not.toBe(first);
});
