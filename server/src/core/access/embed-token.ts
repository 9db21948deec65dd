import { openToken, signToken } from '../../kit/signed-token.ts';
import { ParleyError } from '../error.ts';

/**
 * Stands for the proof of origin on the page that Parley serves to be framed: a browser shows that page only within the
 * origins that the key allows, and its requests come from Parley's own origin.
 */
export type EmbedTokens = {
  issue(keyId: string, now: number): { token: string; expiresAt: number };
  /** Throws invalid_embed_token. */
  verify(token: string, at: { keyId: string; now: number }): void;
};

/** Renewed by the page every few minutes; one that was copied out of it is of little use. */
const lifetimeMs = 10 * 60 * 1_000;
const audience = 'embed';

type Statement = { k: string; exp: number };

/** The first key signs; the others are those it replaces. */
export const createEmbedTokens = (keys: readonly [Buffer, ...Buffer[]]): EmbedTokens => ({
  issue: (keyId, now) => {
    const statement: Statement = { k: keyId, exp: now + lifetimeMs };
    return { token: signToken(keys[0], audience, statement), expiresAt: statement.exp };
  },
  verify: (token, { keyId, now }) => {
    const stated = openToken(keys, audience, token) as Statement | null;
    if (stated?.k !== keyId || stated.exp <= now) throw new ParleyError('invalid_embed_token');
  },
});
