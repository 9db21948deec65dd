import { createHmac } from 'node:crypto';
import { RateLimiterCompatibleAbstract, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { CreateCounter } from '../core/access/request-counter.ts';
import type { Clock } from '../kit/clock.ts';
import { type Counted, WindowCounter } from '../kit/window-counter.ts';
import type { RedisLink } from './redis-link.ts';

/** Counters that every process counts in; while Redis is away, each for itself. */
export const createRedisCounter =
  (link: RedisLink, { key, clock }: { key: Buffer; clock: Clock }): CreateCounter =>
  (options) => {
    const own = new WindowCounter(options);
    const insurance = new OwnCounter(link, (name) => own.count(name, clock()));
    const limiter = new RateLimiterRedis({
      storeClient: link.commands,
      keyPrefix: `${link.prefix}:count:${options.name}`,
      // what is too many is decided by whoever asks, since a changed plan holds at once
      points: Number.MAX_SAFE_INTEGER,
      duration: options.windowMs / 1_000,
      rejectIfRedisNotReady: true,
      insuranceLimiter: insurance,
    });
    return {
      async count(name) {
        // names are addresses and users: Redis learns none
        const hidden = createHmac('sha256', key).update(name).digest('base64url');
        if (!link.answers) return own.count(hidden, clock());
        const { consumedPoints, msBeforeNext } = await limiter.consume(hidden);
        return { count: consumedPoints, resetMs: msBeforeNext };
      },
    };
  };

/** What the limiter falls back to: the bounded counters of this process. */
class OwnCounter extends RateLimiterCompatibleAbstract {
  override readonly keyPrefix = '';
  override blockDuration = 0;
  override execEvenly = false;
  readonly #link: RedisLink;
  readonly #count: (name: string) => Counted;

  constructor(link: RedisLink, count: (name: string) => Counted) {
    super();
    this.#link = link;
    this.#count = count;
  }

  override consume(name: string | number): Promise<RateLimiterRes> {
    this.#link.doubt(new Error('a count was not answered'));
    const { count, resetMs } = this.#count(String(name));
    return Promise.resolve(new RateLimiterRes(0, resetMs, count, count === 1));
  }
}
