import type { SharedPlaces } from '../core/access/shared-places.ts';
import type { RedisLink } from './redis-link.ts';

/** A process that has not said for so long what it holds, holds nothing. */
const heldSeconds = 45;
const renewMs = 15_000;

/**
 * A hash for each name: what each process holds, and until when that is good, by Redis' own clock. `own` that would be too
 * many with those of the others changes nothing.
 */
const admitScript = `
local now = tonumber(redis.call('time')[1])
local others = 0
local fields = redis.call('hgetall', KEYS[1])
for index = 1, #fields, 2 do
  if fields[index] ~= ARGV[1] then
    local held, good = string.match(fields[index + 1], '^(%d+):(%d+)$')
    if held and tonumber(good) > now then others = others + tonumber(held) else redis.call('hdel', KEYS[1], fields[index]) end
  end
end
local own = tonumber(ARGV[2])
if others + own > tonumber(ARGV[3]) then return 0 end
redis.call('hset', KEYS[1], ARGV[1], own .. ':' .. (now + tonumber(ARGV[4])))
redis.call('expire', KEYS[1], tonumber(ARGV[4]))
return 1
`;

/** Past every plan's limit: for what is held already. */
const noLimit = Number.MAX_SAFE_INTEGER;

/**
 * Places counted in Redis. Each process knows what it holds itself and says so again and again, so that a Redis that was
 * emptied fills anew, and what a dead process held is free after a while. Without Redis each counts for itself.
 */
export class RedisPlaces implements SharedPlaces {
  readonly #link: RedisLink;
  readonly #replica: string;
  readonly #held = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(link: RedisLink, replica: string) {
    this.#link = link;
    this.#replica = replica;
  }

  async admit(name: string, own: number, limit: number): Promise<boolean> {
    const admitted = await this.#say(name, own, limit);
    if (admitted) this.#note(name, own);
    return admitted;
  }

  report(name: string, own: number): void {
    // what has no limit was never counted
    if (!this.#held.has(name)) return;
    this.#note(name, own);
    void this.#say(name, own, noLimit);
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  #note(name: string, own: number): void {
    if (own > 0) this.#held.set(name, own);
    else this.#held.delete(name);
    if (this.#held.size > 0) this.#timer ??= setInterval(() => this.#renew(), renewMs).unref();
    else if (this.#timer) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #renew(): void {
    for (const [name, own] of this.#held) void this.#say(name, own, noLimit);
  }

  async #say(name: string, own: number, limit: number): Promise<boolean> {
    if (!this.#link.answers) return true;
    try {
      const key = `${this.#link.prefix}:places:${name}`;
      const values = [this.#replica, own, limit, heldSeconds];
      return (await this.#link.commands.eval(admitScript, 1, key, ...values)) === 1;
    } catch (error) {
      this.#link.doubt(error);
      return true;
    }
  }
}
