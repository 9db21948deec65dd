import { ParleyError } from '../error.ts';
import type { CreateCounter, RequestCounter } from './request-counter.ts';

/** What visitors may do; each holds for itself. A day begins with the first request that is counted in it. */
export type VisitorLimits = {
  requestsPerMinute: { visitor: number; address: number; bot: number };
  messagesPerDay: { visitor: number; address: number; bot: number };
  /** New visitors from one address: what dropping a token costs. */
  newVisitorsPerDay: number;
};

type Counters = { minute: RequestCounter; day: RequestCounter };

type Left = { limit: number; remaining: number; resetSeconds: number };

export type VisitorCounts = {
  /** Before anything is looked into. Throws rate_limited. */
  admitAddress(address: string): Promise<void>;
  /** Once it is known who asks. Gives what the visitor has left. Throws rate_limited. */
  admitVisitor(request: {
    address: string;
    visitorId: string;
    botId: string;
    isNew: boolean;
    isMessage: boolean;
  }): Promise<Left>;
};

const minuteMs = 60 * 1_000;
const dayMs = 24 * 60 * minuteMs;
/** Addresses and visitors counted at once, a few megabytes at most for each counter. */
const maxNames = 50_000;

const count = async (
  counter: RequestCounter,
  name: string,
  { limit, told }: { limit: number; told: string },
): Promise<Left> => {
  const { count: counted, resetMs } = await counter.count(name);
  const resetSeconds = Math.max(1, Math.ceil(resetMs / 1_000));
  if (counted > limit) {
    throw new ParleyError('rate_limited', `${told} Wait ${resetSeconds} s.`, { retryAfterSeconds: resetSeconds });
  }
  return { limit, remaining: limit - counted, resetSeconds };
};

/**
 * Whoever asks is counted three times: as the visitor that their token says, as the address that
 * they come from, and as one of their bot's. The first is fair, the other two hold whatever they send. What one of them
 * refuses is not counted for the next, so that one address cannot use up what all of a bot's visitors share.
 */
export const createVisitorCounts = (limits: VisitorLimits, createCounter: CreateCounter): VisitorCounts => {
  // apart, so that a flood of one kind of name drives out none of another
  const counters = (kind: string): Counters => ({
    minute: createCounter({ name: `${kind}-minute`, windowMs: minuteMs, maxNames }),
    day: createCounter({ name: `${kind}-day`, windowMs: dayMs, maxNames }),
  });
  const [visitors, addresses, bots] = [counters('visitor'), counters('address'), counters('bot')];
  const newcomers = createCounter({ name: 'newcomer-day', windowMs: dayMs, maxNames });
  const { requestsPerMinute, messagesPerDay, newVisitorsPerDay } = limits;
  return {
    async admitAddress(address) {
      await count(addresses.minute, address, {
        limit: requestsPerMinute.address,
        told: 'Too many requests come from this address.',
      });
    },
    async admitVisitor({ address, visitorId, botId, isNew, isMessage }) {
      if (isNew && isMessage) {
        await count(newcomers, address, {
          limit: newVisitorsPerDay,
          told: 'Too many new visitors come from this address.',
        });
      }
      // a name that was made up for this one request is not worth a place
      const left = isNew
        ? { limit: requestsPerMinute.visitor, remaining: requestsPerMinute.visitor - 1, resetSeconds: 60 }
        : await count(visitors.minute, visitorId, {
            limit: requestsPerMinute.visitor,
            told: 'This visitor sends too many requests.',
          });
      if (isMessage) {
        if (!isNew) {
          await count(visitors.day, visitorId, {
            limit: messagesPerDay.visitor,
            told: 'This visitor has sent as many messages as a day allows.',
          });
        }
        await count(addresses.day, address, {
          limit: messagesPerDay.address,
          told: 'As many messages came from this address as a day allows.',
        });
      }
      await count(bots.minute, botId, {
        limit: requestsPerMinute.bot,
        told: 'Too many visitors ask this bot at the moment.',
      });
      if (isMessage) {
        await count(bots.day, botId, {
          limit: messagesPerDay.bot,
          told: 'This bot has got as many messages from visitors as a day allows.',
        });
      }
      return left;
    },
  };
};
