import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Short statements that only this installation can make: base64url of JSON, a dot, and the HMAC-SHA-256 of both it and the
 * audience. Read by whoever holds one, changed by nobody. The audience is part of what is signed, so that a token made for
 * one purpose says nothing to another, even where they share a key.
 */

/** Longer than any token that is made here; what is longer is not even hashed. */
const maxTokenCharacters = 1_024;

const macOf = (key: Buffer, audience: string, body: string): string =>
  createHmac('sha256', key).update(`${audience}\n${body}`).digest('base64url');

export const signToken = (key: Buffer, audience: string, statement: object): string => {
  const body = Buffer.from(JSON.stringify(statement)).toString('base64url');
  return `${body}.${macOf(key, audience, body)}`;
};

/** What the token states, or null where none of the keys has signed it for this audience. */
export const openToken = (keys: readonly Buffer[], audience: string, token: string): unknown => {
  if (token.length > maxTokenCharacters) return null;
  const match = /^([\w-]+)\.([\w-]{43})$/.exec(token);
  const [, body, mac] = match ?? [];
  if (body === undefined || mac === undefined) return null;
  // as text: its last character has bits that no byte needs, and decoded four spellings would be one
  const given = Buffer.from(mac);
  const signed = keys.some((key) => timingSafeEqual(Buffer.from(macOf(key, audience, body)), given));
  return signed ? (JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as unknown) : null;
};
