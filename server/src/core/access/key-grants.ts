import { ParleyError } from '../error.ts';
import type { Key, KeyType } from './key.ts';
import type { KeyPrincipal, SessionPrincipal } from './principal.ts';
import { covers, type Scope } from './scope.ts';

/** Who may make and manage keys over the API. */
export type KeyManager = KeyPrincipal | SessionPrincipal;

/** True where the principal may know of the key: its own mode only, and with a bot limit only keys within that limit. */
export const maySeeKey = (principal: KeyManager, key: Pick<Key, 'type' | 'botIds'>): boolean =>
  (principal.mode === 'live' || key.type === 'test') && holdsBots(principal, key.botIds);

/** True where `maySeeKey` is, whatever the key. */
export const seesAllKeys = (principal: KeyManager): boolean => principal.mode === 'live' && principal.botIds === null;

const holdsBots = (principal: KeyManager, botIds: readonly string[] | null): boolean => {
  const held = principal.botIds;
  if (held === null) return true;
  return botIds !== null && botIds.every((botId) => held.has(botId));
};

/** Refuses to hand out a scope that the principal does not hold itself. */
export const assertHoldsScopes = (principal: KeyManager, wanted: readonly Scope[]): void => {
  const missing = wanted.find((scope) => !covers(principal.scopes, scope));
  if (missing === undefined) return;
  throw new ParleyError(
    'insufficient_scope',
    `A key cannot grant more than it holds: this one lacks \`${missing}\`. Ask for fewer scopes, or use another key.`,
    { param: 'scopes' },
  );
};

/** Refuses to end a key, or one of its secrets, to who may do less than it. A key may always end itself. */
export const assertCoversKey = (principal: KeyManager, key: Pick<Key, 'id' | 'scopes'>): void => {
  if (principal.kind === 'key' && principal.keyId === key.id) return;
  const missing = key.scopes.find((scope) => !covers(principal.scopes, scope));
  if (missing === undefined) return;
  throw new ParleyError(
    'insufficient_scope',
    `That key holds the scope \`${missing}\`, which this one lacks: it cannot end it. Use a key that holds as much.`,
  );
};

/** Refuses a live key to a test key: test mode must not open what is charged. */
export const assertHoldsMode = (principal: KeyManager, type: KeyType): void => {
  if (principal.mode === 'live' || type === 'test') return;
  throw new ParleyError(
    'insufficient_scope',
    'A test key can only make test keys. Use a live key, or `type: "test"`.',
    {
      param: 'type',
    },
  );
};
