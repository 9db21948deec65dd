import { ParleyError } from '../error.ts';
import type { KeyManager } from './key-grants.ts';
import { covers, type Scope, scopes } from './scope.ts';

/** What a member is in a workspace: a set of scopes. */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const;

export type Role = (typeof roles)[number];

const everything: readonly Scope[] = ['all'];
/** Everything by name. It is less than `all`, so that an admin makes no owner and removes none. */
const administration = scopes.filter((scope) => scope !== 'all');
/** The daily work with bots and the people they talk to. */
const work: readonly Scope[] = [
  'chat',
  'bots:read',
  'bots:write',
  'conversations:read',
  'conversations:write',
  'usage:read',
  'users:read',
  'users:write',
];
const looking: readonly Scope[] = ['bots:read', 'conversations:read', 'usage:read', 'users:read'];

/** What a role may do. */
export const scopesOfRole: Readonly<Record<Role, readonly Scope[]>> = {
  owner: everything,
  admin: administration,
  member: work,
  viewer: looking,
};

/** Refuses to give or to take a role that may do more than the principal. */
export const assertHoldsRole = (principal: KeyManager, role: Role): void => {
  const missing = scopesOfRole[role].find((scope) => !covers(principal.scopes, scope));
  if (missing === undefined) return;
  throw new ParleyError(
    'insufficient_scope',
    `The role ${role} holds the scope \`${missing}\`, which this request's key does not: it can neither give nor take it.`,
    { param: 'role' },
  );
};

/** Refuses a key that is not for the whole workspace: people, providers and the log of acts belong to all of it. */
export const assertWholeWorkspace = (principal: KeyManager): void => {
  if (principal.mode === 'live' && principal.botIds === null) return;
  throw new ParleyError('insufficient_scope', 'Administration needs a live key that is not limited to some bots.');
};
