import type { Clock } from '../../kit/clock.ts';
import { ParleyError } from '../error.ts';
import type { Readers } from '../store.ts';
import type { Plan } from '../usage/plan.ts';
import type { PlanCatalogue } from '../usage/plan-catalogue.ts';
import { planOf } from '../usage/plan-of.ts';
import type { Key, KeySecret } from './key.ts';
import type { LastUses } from './last-uses.ts';
import type { KeyPrincipal } from './principal.ts';
import { hashSecret, isSameHash, parseSecret } from './key-secret.ts';

/** Who sent a request, and what their workspace may use. */
export type Caller = { principal: KeyPrincipal; plan: Plan };

/** Longest time in which a change made by another process (the command line, a replica) goes unnoticed. */
const freshMs = 5_000;
/** Callers kept at once; beyond it the oldest are asked for again. About 1 KB each. */
const maxCached = 10_000;

type CachedCaller = {
  caller: Caller;
  keyId: string;
  secretId: string;
  freshUntil: number;
};

type AuthenticateOptions = {
  readers: Pick<Readers, 'keys' | 'workspaces'>;
  pepper: Buffer;
  plans: PlanCatalogue;
  lastUses: LastUses;
  clock: Clock;
};

/**
 * Finds the caller behind a secret. What was found is remembered by the secret's HMAC for a few seconds, so that a busy
 * key costs one HMAC a request; `forget` drops a key at once when it was changed here.
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
  authenticate(secret: string): Caller | Promise<Caller> {
    const parsed = parseSecret(secret);
    if (!parsed) throw new ParleyError('invalid_api_key');
    const { clock, lastUses, pepper } = this.#options;
    const hash = hashSecret(secret, pepper);
    const cached = this.#cache.get(hash);
    const now = clock();
    if (cached && now < cached.freshUntil) {
      lastUses.note(cached.caller.principal.workspaceId, cached.keyId, cached.secretId);
      return cached.caller;
    }
    return this.#find(parsed.keyId, hash);
  }

  /** Drops what is remembered of a key, or of every key. To be called once the change is durable. */
  forget(keyId?: string): void {
    this.#changes += 1;
    if (keyId === undefined) {
      this.#cache.clear();
      return;
    }
    for (const [hash, cached] of this.#cache) if (cached.keyId === keyId) this.#cache.delete(hash);
  }

  async #find(keyId: string, hash: string): Promise<Caller> {
    const { readers, clock, lastUses, plans } = this.#options;
    const changes = this.#changes;
    const key = await readers.keys.findForSecret(keyId);
    const secret = key?.secrets.find((candidate) => isSameHash(candidate.hash, hash));
    if (!key || !secret) throw new ParleyError('invalid_api_key');
    const now = clock();
    const usableUntil = assertUsable(key, secret, now);
    const workspace = await readers.workspaces.find(key.workspaceId);
    if (!workspace) throw new ParleyError('invalid_api_key');
    const caller: Caller = { principal: toPrincipal(key), plan: planOf(plans, workspace.plan) };
    if (changes === this.#changes) {
      this.#remember(hash, {
        caller,
        keyId: key.id,
        secretId: secret.id,
        freshUntil: Math.min(now + freshMs, usableUntil),
      });
    }
    lastUses.note(key.workspaceId, key.id, secret.id);
    return caller;
  }

  #remember(hash: string, cached: CachedCaller): void {
    this.#cache.delete(hash);
    this.#cache.set(hash, cached);
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
  // publishable keys belong to browsers, which prove themselves in another way
  if (key.type === 'publishable') throw new ParleyError('invalid_api_key');
  return until;
};

const toPrincipal = (key: Key): KeyPrincipal => ({
  kind: 'key',
  workspaceId: key.workspaceId,
  keyId: key.id,
  mode: key.type === 'test' ? 'test' : 'live',
  scopes: new Set(key.scopes),
  botIds: key.botIds === null ? null : new Set(key.botIds),
});
