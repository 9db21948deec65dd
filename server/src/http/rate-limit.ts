import type { FastifyReply } from 'fastify';
import type { CreateCounter } from '../core/access/request-counter.ts';
import { ParleyError } from '../core/error.ts';
import type { Plan } from '../core/usage/plan.ts';
import type { Counted } from '../kit/window-counter.ts';

const windowSeconds = 60;
/** Workspaces counted at once in the memory of a process. */
const maxWorkspaces = 100_000;
/** A month as the policy header can say it; the quota itself counts by calendar months. */
const monthSeconds = 2_592_000;

export interface RateLimit {
  /**
   * Counts a request of the workspace and writes the headers, where there is a reply to show them in; at once where it is
   * counted in this process. Throws rate_limited above the plan's limit.
   */
  admit(workspaceId: string, plan: Plan, reply: FastifyReply | null): void | Promise<void>;
}

/** Requests a minute by workspace. */
export const createRateLimit = (createCounter: CreateCounter): RateLimit => {
  // one counter for every plan: the limit is compared here, so that a changed plan holds within the running minute
  const counter = createCounter({ name: 'workspace', windowMs: windowSeconds * 1_000, maxNames: maxWorkspaces });
  return {
    admit(workspaceId, plan, reply) {
      const limit = plan.requestsPerMinute;
      if (limit === null) {
        if (reply) writePolicies(plan, reply);
        return undefined;
      }
      const counted = counter.count(workspaceId);
      return counted instanceof Promise
        ? counted.then((late) => judge(late, { limit, plan, reply }))
        : judge(counted, { limit, plan, reply });
    },
  };
};

const judge = (
  { count, resetMs }: Counted,
  { limit, plan, reply }: { limit: number; plan: Plan; reply: FastifyReply | null },
): void => {
  const resetSeconds = Math.max(1, Math.ceil(resetMs / 1_000));
  const remaining = Math.max(0, limit - count);
  if (reply) {
    writePolicies(plan, reply);
    reply.header('ratelimit', `"permin";r=${remaining};t=${resetSeconds}`);
  }
  if (count > limit) {
    const told = reply ? `The plan "${plan.name}" allows ${limit} requests a minute.` : 'Too many requests.';
    throw new ParleyError('rate_limited', `${told} Wait ${resetSeconds} s.`, { retryAfterSeconds: resetSeconds });
  }
};

const writePolicies = (plan: Plan, reply: FastifyReply): void => {
  const policies = policiesOf(plan);
  if (policies !== '') reply.header('ratelimit-policy', policies);
};

/** The same for every request under a plan. */
const knownPolicies = new WeakMap<Plan, string>();

const policiesOf = (plan: Plan): string => {
  const known = knownPolicies.get(plan);
  if (known !== undefined) return known;
  const policies: string[] = [];
  if (plan.requestsPerMinute !== null) policies.push(`"permin";q=${plan.requestsPerMinute};w=${windowSeconds}`);
  if (plan.messagesPerMonth !== null) policies.push(`"month";q=${plan.messagesPerMonth};w=${monthSeconds}`);
  const text = policies.join(', ');
  knownPolicies.set(plan, text);
  return text;
};

/** Adds what is left of the month to the `RateLimit` header, for handlers that know it. */
export const addMonthFigures = (reply: FastifyReply, month: { remaining: number; resetSeconds: number }): void => {
  const item = `"month";r=${Math.max(0, month.remaining)};t=${Math.max(0, Math.ceil(month.resetSeconds))}`;
  const present = reply.getHeader('ratelimit');
  reply.header('ratelimit', typeof present === 'string' ? `${present}, ${item}` : item);
};
