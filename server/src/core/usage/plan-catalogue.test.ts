import { describe, expect, it } from 'vitest';
import { builtinCatalogue, parsePlans } from './plan-catalogue.ts';

const starter = {
  messages_per_month: 1_000,
  requests_per_minute: 60,
  bots: 1,
  memory_messages: 10,
  concurrent_streams: null,
};
const fileWith = (change: Record<string, unknown>) => ({
  default: 'starter',
  plans: { starter: { ...starter, ...change } },
});

const refusalOf = (json: unknown): { param: string | null; detail: string } => {
  try {
    parsePlans(json);
  } catch (error) {
    return error as { param: string | null; detail: string };
  }
  throw new Error('the plans were accepted');
};

describe('a plans file', () => {
  it('gives its plans and the default one', () => {
    const { plans, defaultPlan } = parsePlans({ default: 'big', plans: { starter, big: { ...starter, bots: null } } });
    expect([...plans.keys()]).toEqual(['starter', 'big']);
    expect(defaultPlan).toEqual({
      name: 'big',
      messagesPerMonth: 1_000,
      warnAt: null,
      requestsPerMinute: 60,
      bots: null,
      memoryMessages: 10,
      concurrentStreams: null,
    });
  });

  it('may say when a month is nearly used up', () => {
    expect(parsePlans(fileWith({ warn_at: 800 })).defaultPlan.warnAt).toBe(800);
    expect(parsePlans(fileWith({ warn_at: null })).defaultPlan.warnAt).toBeNull();
  });

  it.each([
    ['a list', [], ''],
    ['an unknown field', { ...fileWith({}), palns: {} }, 'palns'],
    ['no plans', { default: 'starter' }, 'plans'],
    ['an empty list of plans', { default: 'starter', plans: {} }, 'plans'],
    ['no default', { plans: { starter } }, 'default'],
    ['a default that is no plan', { default: 'other', plans: { starter } }, 'default'],
    ['a plan that is no object', { default: 'starter', plans: { starter: 5 } }, 'plans.starter'],
    ['a name in capitals', { default: 'Big', plans: { Big: starter } }, 'plans.Big'],
    ['an unknown limit', fileWith({ messages_per_day: 5 }), 'plans.starter.messages_per_day'],
    ['a warning in text', fileWith({ warn_at: '3' }), 'plans.starter.warn_at'],
    ['a limit that is missing', fileWith({ bots: undefined }), 'plans.starter.bots'],
    ['a limit in text', fileWith({ bots: '3' }), 'plans.starter.bots'],
    ['a limit below zero', fileWith({ bots: -1 }), 'plans.starter.bots'],
    ['a limit that is not whole', fileWith({ requests_per_minute: 1.5 }), 'plans.starter.requests_per_minute'],
    ['a memory without a limit', fileWith({ memory_messages: null }), 'plans.starter.memory_messages'],
    ['a memory of more than a turn reads', fileWith({ memory_messages: 201 }), 'plans.starter.memory_messages'],
  ])('with %s is refused, and the refusal names the place', (_what, json, path) => {
    const { param, detail } = refusalOf(json);
    expect(param).toBe(path);
    expect(detail).toContain(path);
  });
});

describe('the plans of an installation without a file', () => {
  it('limit nothing by default, and show 10, 30 and 50 messages by plan', () => {
    const { plans, defaultPlan } = builtinCatalogue;
    expect(defaultPlan).toMatchObject({ name: 'unlimited', messagesPerMonth: null, bots: null, memoryMessages: 30 });
    const memory = ['starter', 'growth', 'scale'].map((name) => plans.get(name)?.memoryMessages);
    expect(memory).toEqual([10, 30, 50]);
  });
});
