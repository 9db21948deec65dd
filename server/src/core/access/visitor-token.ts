import { isId, newId } from '../../kit/id.ts';
import { openToken, signToken } from '../../kit/signed-token.ts';
import { ParleyError } from '../error.ts';

/**
 * By what an anonymous visitor is known again. A token is good for one bot of one workspace, and for as long as somebody
 * may come back to a shop; a visitor who chats gets a fresh one once theirs is a day old.
 */
export type VisitorTokens = {
  /** A token for the visitor, and when it ends. */
  issue(of: VisitorOf, now: number): string;
  /** The visitor, and whether the token is old enough to be replaced. Throws invalid_visitor_token. */
  verify(token: string, at: { workspaceId: string; botId: string; now: number }): { visitorId: string; stale: boolean };
};

type VisitorOf = { visitorId: string; workspaceId: string; botId: string };

const dayMs = 24 * 60 * 60 * 1_000;
const lifetimeMs = 180 * dayMs;
const renewedAfterMs = dayMs;
const audience = 'visitor';

/** Short names: the token travels with every request. */
type Statement = { v: string; w: string; b: string; iat: number; exp: number };

export const newVisitorId = (): string => newId('visitor');

/** The first key signs; the others are those it replaces. */
export const createVisitorTokens = (keys: readonly [Buffer, ...Buffer[]]): VisitorTokens => ({
  issue: ({ visitorId, workspaceId, botId }, now) => {
    const statement: Statement = { v: visitorId, w: workspaceId, b: botId, iat: now, exp: now + lifetimeMs };
    return signToken(keys[0], audience, statement);
  },
  verify: (token, { workspaceId, botId, now }) => {
    const stated = openToken(keys, audience, token) as Statement | null;
    if (stated?.w !== workspaceId || stated.b !== botId || !isId('visitor', stated.v) || stated.exp <= now) {
      throw new ParleyError('invalid_visitor_token');
    }
    return { visitorId: stated.v, stale: now - stated.iat > renewedAfterMs };
  },
});
