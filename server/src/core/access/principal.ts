import type { Scope } from './scope.ts';

/** Test mode keeps its conversations and its usage apart and is never charged. */
export type Mode = 'live' | 'test';

/** Who sends a request. Every route names which of these it takes, and the scope it needs. */
export type Principal = KeyPrincipal | VisitorPrincipal | SessionPrincipal;

export type PrincipalKind = Principal['kind'];

/** A server's API key. */
export type KeyPrincipal = {
  kind: 'key';
  workspaceId: string;
  keyId: string;
  mode: Mode;
  scopes: ReadonlySet<Scope>;
  /** Null: every bot of the workspace. */
  botIds: ReadonlySet<string> | null;
};

/** A browser behind a publishable key. */
export type VisitorPrincipal = {
  kind: 'visitor';
  workspaceId: string;
  keyId: string;
  visitorId: string;
  mode: Mode;
  scopes: ReadonlySet<Scope>;
  botIds: ReadonlySet<string>;
};

/** A member of the workspace, signed in to the console. */
export type SessionPrincipal = {
  kind: 'session';
  workspaceId: string;
  memberId: string;
  mode: Mode;
  scopes: ReadonlySet<Scope>;
  botIds: null;
};

/** A name that is stable and unique over all kinds: for idempotency, the audit log and rows that say who made them. */
export const principalName = (principal: Principal): string => {
  switch (principal.kind) {
    case 'key':
      return `key:${principal.keyId}`;
    case 'visitor':
      return `visitor:${principal.visitorId}`;
    case 'session':
      return `session:${principal.memberId}`;
  }
};

/** True where the principal may know of this bot. */
export const mayUseBot = (principal: Principal, botId: string): boolean =>
  principal.botIds === null || principal.botIds.has(botId);
