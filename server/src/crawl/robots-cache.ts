import { WebError } from '../core/knowledge/web-reader.ts';
import { BoundedCache } from '../kit/bounded-cache.ts';
import type { Clock } from '../kit/clock.ts';
import { OutboundError } from '../kit/outbound/outbound-error.ts';
import type { Outbound } from '../kit/outbound/outbound.ts';
import {
  agentName,
  maxRobotsKept,
  maxRobotsRedirects,
  robotsFailedMs,
  robotsKeptMs,
  robotsTimeoutMs,
  userAgent,
} from './crawl-limits.ts';
import { laterOrNever } from './read-answer.ts';
import { everythingAllowed, maxRobotsBytes, parseRobots, type RobotsRules } from './robots-rules.ts';

const unread = 'Its robots.txt could not be read, and without it nothing is: ';

/** What the robots.txt of each origin says, or why it could not be read: asked for once, and remembered for a while. */
export class RobotsCache {
  readonly #outbound: Pick<Outbound, 'fetch'>;
  readonly #known: BoundedCache<string, RobotsRules | WebError>;
  readonly #clock: Clock;

  constructor(outbound: Pick<Outbound, 'fetch'>, clock: Clock) {
    this.#outbound = outbound;
    this.#clock = clock;
    this.#known = new BoundedCache({ maxEntries: maxRobotsKept, ttlMs: robotsKeptMs, clock });
  }

  /** What is known; undefined where nobody has asked lately. Throws the WebError that it failed with. */
  get(origin: string): RobotsRules | undefined {
    const known = this.#known.get(origin);
    if (known instanceof WebError) throw known;
    return known;
  }

  /**
   * As RFC 9309 has it (2.3.1): what is not there allows everything, what cannot be reached nothing. Throws WebError.
   */
  async load(origin: string, signal: AbortSignal): Promise<RobotsRules> {
    // several may have waited for the same
    const known = this.get(origin);
    if (known) return known;
    try {
      const rules = await this.#read(origin, signal);
      this.#known.set(origin, rules);
      return rules;
    } catch (error) {
      // whoever asks for a pause is left alone in any case
      if (error instanceof WebError && error.retryAt === null) this.#known.set(origin, error, robotsFailedMs);
      throw error;
    }
  }

  async #read(origin: string, signal: AbortSignal): Promise<RobotsRules> {
    try {
      const { status, headers, body } = await this.#outbound.fetch(`${origin}/robots.txt`, {
        headers: { 'user-agent': userAgent, accept: 'text/plain', 'accept-encoding': 'gzip, deflate, br' },
        timeoutMs: robotsTimeoutMs,
        maxBytes: maxRobotsBytes,
        redirects: maxRobotsRedirects,
        wantsBody: (head) => head.status >= 200 && head.status < 300,
        signal,
      });
      if (status === 429 || status >= 500)
        throw laterOrNever(`${unread}the server answered with HTTP ${status}`, headers, this.#clock());
      if (status < 200 || status >= 300) return everythingAllowed;
      return parseRobots(body.toString('utf8').replace(/^\ufeff/, ''), agentName);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OutboundError)) throw error;
      if (error.kind === 'invalid') throw new WebError('refused', `${error.message}.`, { cause: error });
      throw new WebError('passing', `${unread}${error.message}.`, { cause: error });
    }
  }
}
