import { hash as digestOf } from 'node:crypto';
import type { Clock } from '../../kit/clock.ts';
import { ParleyError } from '../error.ts';
import type { Readers } from '../store.ts';
import type { Plan } from '../usage/plan.ts';
import type { PlanCatalogue } from '../usage/plan-catalogue.ts';
import { planInForce } from '../usage/plan-of.ts';
import type { Key, KeySecret } from './key.ts';
import type { HashedSecret } from './key-store.ts';
import type { LastUses } from './last-uses.ts';
import type { Principal } from './principal.ts';
import { hashSecret, isSameHash, parseSecret } from './key-secret.ts';

/** Who sent a request, and what their workspace may use. */
export type Caller = { principal: Principal; plan: Plan };

/** What a publishable key says by itself: where it may be used, and for which bot. Who the visitor is, is still to be shown. */
export type Page = { workspaceId: string; keyId: string; botId: string; allowedOrigins: readonly string[] };

/** A web page with its publishable key. */
export type PageCaller = { page: Page; plan: Plan };

/** Longest time in which a change made by another process (the command line, a replica) goes unnoticed. */
const freshMs = 5_000;
/** Callers kept at once; beyond it the oldest are asked for again. About 1 KB each. */
const maxCached = 10_000;

type CachedCaller = {
  caller: Caller | PageCaller;
  workspaceId: string;
  keyId: string;
  secretId: string;
  freshUntil: number;
};

type AuthenticateOptions = {
  readers: Pick<Readers, 'keys' | 'workspaces'>;
  pepper: Buffer;
  /** Of the master secret that is being replaced: what stands under it is known too, and brought under the current one. */
  previous?: { pepper: Buffer; replaceHash: (secret: HashedSecret, hash: string) => void };
  plans: PlanCatalogue;
  lastUses: LastUses;
  clock: Clock;
};

/**
 * Finds the caller behind a secret. What was found is remembered by the secret's SHA-256 for a few seconds, which costs a
 * fifth of the HMAC; `forget` drops a key at once when it was changed here. A digest of 256 random bits is no clue to them,
 * and is kept nowhere else.
 */
export class KeyAuthenticator {
  readonly #options: AuthenticateOptions;
  readonly #cache = new Map<string, CachedCaller>();
  /** Counts changes: what was read before one must not be remembered after it. */
  #changes = 0;

  constructor(options: AuthenticateOptions) {
    this.#options = options;
  }

  /**
   * At once where the caller is remembered, which is nearly always. Throws invalid_api_key, revoked_api_key and
   * expired_api_key; the latter two only to whoever holds a right secret.
   */
  authenticate(secret: string): Caller | PageCaller | Promise<Caller | PageCaller> {
    const { clock, lastUses, pepper } = this.#options;
    const digest = digestOf('sha256', secret, 'base64url');
    const cached = this.#cache.get(digest);
    if (cached && clock() < cached.freshUntil) {
      lastUses.note(cached.workspaceId, cached.keyId, cached.secretId);
      return cached.caller;
    }
    const parsed = parseSecret(secret);
    if (!parsed) throw new ParleyError('invalid_api_key');
    return this.#find(parsed.keyId, { secret, digest, hash: hashSecret(secret, pepper) });
  }

  /** Drops what is remembered of a key, or of every key. To be called once the change is durable. */
  forget(keyId?: string): void {
    this.#changes += 1;
    if (keyId === undefined) {
      this.#cache.clear();
      return;
    }
    for (const [digest, cached] of this.#cache) if (cached.keyId === keyId) this.#cache.delete(digest);
  }

  async #find(
    keyId: string,
    { secret: given, digest, hash }: { secret: string; digest: string; hash: string },
  ): Promise<Caller | PageCaller> {
    const { readers, clock, lastUses, plans } = this.#options;
    const changes = this.#changes;
    const key = await readers.keys.findForSecret(keyId);
    const secret =
      key?.secrets.find((candidate) => isSameHash(candidate.hash, hash)) ?? this.#findPrevious(key, { given, hash });
    if (!key || !secret) throw new ParleyError('invalid_api_key');
    const now = clock();
    const usableUntil = assertUsable(key, secret, now);
    const workspace = await readers.workspaces.find(key.workspaceId);
    if (!workspace) throw new ParleyError('invalid_api_key');
    const caller = toCaller(key, planInForce(plans, workspace));
    if (changes === this.#changes) {
      this.#remember(digest, {
        caller,
        workspaceId: key.workspaceId,
        keyId: key.id,
        secretId: secret.id,
        freshUntil: Math.min(now + freshMs, usableUntil),
      });
    }
    lastUses.note(key.workspaceId, key.id, secret.id);
    return caller;
  }

  /** The secret that stands under the previous pepper still; it is brought under the current one. */
  #findPrevious(key: Key | null, { given, hash }: { given: string; hash: string }): KeySecret | undefined {
    const { previous } = this.#options;
    if (!previous || !key) return undefined;
    const previousHash = hashSecret(given, previous.pepper);
    const secret = key.secrets.find((candidate) => isSameHash(candidate.hash, previousHash));
    if (secret) {
      const place = { workspaceId: key.workspaceId, keyId: key.id, secretId: secret.id, hash: previousHash };
      previous.replaceHash(place, hash);
    }
    return secret;
  }

  #remember(digest: string, cached: CachedCaller): void {
    this.#cache.delete(digest);
    this.#cache.set(digest, cached);
    if (this.#cache.size <= maxCached) return;
    const [oldest] = this.#cache.keys();
    if (oldest !== undefined) this.#cache.delete(oldest);
  }
}

/** The time at which the secret stops working by itself. */
const assertUsable = (key: Key, secret: KeySecret, now: number): number => {
  if (key.revokedAt !== null) throw new ParleyError('revoked_api_key');
  const until = Math.min(key.expiresAt ?? Infinity, secret.expiresAt ?? Infinity);
  if (until <= now) throw new ParleyError('expired_api_key');
  return until;
};

const toCaller = (key: Key, plan: Plan): Caller | PageCaller => {
  const { workspaceId, id: keyId, botIds } = key;
  if (key.type === 'publishable') {
    const botId = botIds?.[0];
    // the rule under which they are made; without it there would be no bot to confine anybody to
    if (botId === undefined) throw new ParleyError('invalid_api_key');
    return { page: { workspaceId, keyId, botId, allowedOrigins: key.allowedOrigins }, plan };
  }
  return {
    principal: {
      kind: 'key',
      workspaceId,
      keyId,
      mode: key.type === 'test' ? 'test' : 'live',
      scopes: new Set(key.scopes),
      botIds: botIds === null ? null : new Set(botIds),
    },
    plan,
  };
};
