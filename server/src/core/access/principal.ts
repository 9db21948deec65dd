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
  /** Where the key itself lies, when it acts for a client workspace. */
  homeWorkspaceId?: string;
  keyId: string;
  mode: Mode;
  scopes: ReadonlySet<Scope>;
  /** Null: every bot of the workspace. */
  botIds: ReadonlySet<string> | null;
};

/** A browser behind a publishable key. It may call the routes that name it, and sees what is its own. */
export type VisitorPrincipal = {
  kind: 'visitor';
  workspaceId: string;
  keyId: string;
  /** Of an anonymous visitor the id that their token proves; of a known user one that follows from theirs. */
  visitorId: string;
  /** Under which they chat: the visitor's id, or the user_id that a user token names. */
  userId: string;
  /** All ids of the person behind `userId`, itself among them. */
  userIds: ReadonlySet<string>;
  mode: Mode;
  scopes: ReadonlySet<Scope>;
  botIds: ReadonlySet<string>;
};

/** A member of the workspace, signed in to the console. */
export type SessionPrincipal = {
  kind: 'session';
  workspaceId: string;
  /** Where the member belongs, when they act for a client workspace. */
  homeWorkspaceId?: string;
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

/** True where the principal may know of what belongs to this user; a visitor knows of what is their own. */
export const mayKnowUser = (principal: Principal, userId: string | null): boolean =>
  principal.kind !== 'visitor' || (userId !== null && principal.userIds.has(userId));

/** True where the principal may know of this bot. */
export const mayUseBot = (principal: Principal, botId: string): boolean =>
  principal.botIds === null || principal.botIds.has(botId);
