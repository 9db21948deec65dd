import { createHash } from 'node:crypto';
import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Clock } from '../../kit/clock.ts';
import type { EncryptedSecretReader } from './encrypted-secret-store.ts';
import type { Page } from './authenticate-key.ts';
import { type KnownUser, verifyUserToken } from './user-token.ts';
import { revealUserTokenSecrets } from './user-token-secrets.ts';

/** Longest time in which a secret that another process has made or deleted goes unnoticed. */
const freshMs = 5_000;
/** Users who chat at once; each entry is a hash and a user, about 1 KB with their traits. */
const maxUsers = 5_000;

type Verified = { user: KnownUser; botId: string };

/**
 * Verifies user tokens, and remembers for a few seconds what it found: a page sends its token with every request.
 * `forget` drops what is remembered once a bot's secrets have changed.
 */
export class UserTokenVerifier {
  readonly #secrets: EncryptedSecretReader;
  readonly #clock: Clock;
  readonly #verified: BoundedCache<string, Verified>;
  /** Counts changes: what was read before one must not be remembered after it. */
  #changes = 0;

  constructor(options: { secrets: EncryptedSecretReader; clock: Clock }) {
    this.#secrets = options.secrets;
    this.#clock = options.clock;
    this.#verified = new BoundedCache({ maxEntries: maxUsers, ttlMs: freshMs, clock: options.clock });
  }

  /** `known` where the same token was verified just now. Throws invalid_user_token. */
  async verify(token: string, page: Page): Promise<{ user: KnownUser; known: boolean }> {
    const name = createHash('sha256').update(`${page.keyId}\n${token}`).digest('base64url');
    const remembered = this.#verified.get(name);
    if (remembered) return { user: remembered.user, known: true };
    const changes = this.#changes;
    const { workspaceId, botId } = page;
    const now = this.#clock();
    const secrets = await revealUserTokenSecrets(this.#secrets, { workspaceId, botId }, now);
    const user = await verifyUserToken(token, { secrets, botId, now });
    if (changes === this.#changes) this.#verified.set(name, { user, botId });
    return { user, known: false };
  }

  forget(): void {
    this.#changes += 1;
    this.#verified.clear();
  }
}
