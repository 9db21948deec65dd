import { ParleyError } from '../error.ts';
import type { Plan } from './plan.ts';

/** The plans of an installation by their names, with the one that a workspace is on unless it names another. */
export type PlanCatalogue = { plans: ReadonlyMap<string, Plan>; defaultPlan: Plan };

/** Plans in force where the operator names none; `unlimited` is the default of a self-hosted installation. */
const builtinPlans: readonly [Plan, ...Plan[]] = [
  {
    name: 'unlimited',
    messagesPerMonth: null,
    warnAt: null,
    requestsPerMinute: null,
    bots: null,
    memoryMessages: 30,
    concurrentStreams: null,
  },
  {
    name: 'starter',
    messagesPerMonth: 1_000,
    warnAt: null,
    requestsPerMinute: 60,
    bots: 1,
    memoryMessages: 10,
    concurrentStreams: 5,
  },
  {
    name: 'growth',
    messagesPerMonth: 10_000,
    warnAt: null,
    requestsPerMinute: 600,
    bots: 10,
    memoryMessages: 30,
    concurrentStreams: 50,
  },
  {
    name: 'scale',
    messagesPerMonth: 100_000,
    warnAt: null,
    requestsPerMinute: 3_000,
    bots: 100,
    memoryMessages: 50,
    concurrentStreams: 500,
  },
];

export const builtinCatalogue: PlanCatalogue = {
  plans: new Map(builtinPlans.map((plan) => [plan.name, plan])),
  defaultPlan: builtinPlans[0],
};

/** More plans than anybody sells: a larger file is some other file. */
const maxPlans = 1_000;
const planNamePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** The most messages of history that a turn reads. */
const maxMemoryMessages = 200;
const maxLimit = 1_000_000_000;

/**
 * Reads the parsed JSON of a plans file: `{default, plans: {name: {messages_per_month, requests_per_minute, bots,
 * memory_messages, concurrent_streams, warn_at}}}`, every field but `warn_at` given, with null for no limit. Throws invalid_request, which names
 * the path of what is wrong.
 */
export const parsePlans = (json: unknown): PlanCatalogue => {
  const file = objectAt(json, '');
  refuseUnknown(file, '', ['default', 'plans']);
  const listed = Object.entries(objectAt(file['plans'], 'plans'));
  if (listed.length === 0 || listed.length > maxPlans) fail('plans', `must hold 1 to ${maxPlans} plans`);
  const plans = new Map(listed.map(([name, value]) => [name, parsePlan(name, value)]));
  const name = file['default'];
  const defaultPlan = typeof name === 'string' ? plans.get(name) : undefined;
  if (!defaultPlan) return fail('default', `must be the name of one of the plans: ${[...plans.keys()].join(', ')}`);
  return { plans, defaultPlan };
};

const parsePlan = (name: string, json: unknown): Plan => {
  const path = `plans.${name}`;
  if (!planNamePattern.test(name)) fail(path, 'must be named in small letters, digits, `-` and `_`, 64 at most');
  const fields = objectAt(json, path);
  const limits = ['messages_per_month', 'requests_per_minute', 'bots', 'concurrent_streams'] as const;
  refuseUnknown(fields, path, [...limits, 'memory_messages', 'warn_at']);
  const limit = (field: (typeof limits)[number] | 'warn_at'): number | null =>
    fields[field] === null ? null : wholeNumber(fields[field], `${path}.${field}`, { to: maxLimit, orNull: true });
  return {
    name,
    messagesPerMonth: limit('messages_per_month'),
    warnAt: fields['warn_at'] === undefined ? null : limit('warn_at'),
    requestsPerMinute: limit('requests_per_minute'),
    bots: limit('bots'),
    memoryMessages: wholeNumber(fields['memory_messages'], `${path}.memory_messages`, {
      to: maxMemoryMessages,
      orNull: false,
    }),
    concurrentStreams: limit('concurrent_streams'),
  };
};

const wholeNumber = (value: unknown, path: string, { to, orNull }: { to: number; orNull: boolean }): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= to) return value;
  return fail(path, `must be a whole number from 0 to ${to}${orNull ? ', or null for no limit' : ''}`);
};

const objectAt = (value: unknown, path: string): Record<string, unknown> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return fail(path, 'must be an object');
};

const refuseUnknown = (object: Record<string, unknown>, path: string, known: readonly string[]): void => {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined)
    fail(path === '' ? unknown : `${path}.${unknown}`, `is unknown; known are ${known.join(', ')}`);
};

const fail = (path: string, what: string): never => {
  throw new ParleyError('invalid_request', `The plans file: ${path === '' ? 'the whole' : `\`${path}\``} ${what}.`, {
    param: path,
  });
};
