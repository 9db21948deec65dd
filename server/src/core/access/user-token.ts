import { createHash } from 'node:crypto';
import { isId } from '../../kit/id.ts';
import { type JwtRefusal, verifyJwt } from '../../kit/json-web-token.ts';
import { ParleyError } from '../error.ts';
import type { Traits, TraitValue } from '../user/user.ts';

/** Who a user token names, and what the customer's server says of them. */
export type KnownUser = { userId: string; traits: Traits | null };

const userTokenAudience = 'parley';
const maxLifetimeSeconds = 24 * 60 * 60;
/** As much as two clocks may differ. */
const toleranceSeconds = 60;
/** With traits; Node takes 16 KB of headers in all. */
const maxTokenCharacters = 8_192;
const maxTraits = 32;
const maxTraitNameCharacters = 64;
const maxTraitCharacters = 512;
/** What `user_id` and traits may be in a body of the API, which are counted in characters and not in halves of pairs. */
const userIdForm = /^[^\p{Cc}\p{Cs}]{1,256}$/u;
const unsoundText = /[\0\p{Cs}]/u;

const reasons: Readonly<Record<JwtRefusal, string>> = {
  malformed: 'It is no JSON Web Token with valid claims.',
  algorithm: 'It must be signed with HS256.',
  signature: 'It is not signed with a user_token_secret of this bot.',
  audience: `\`aud\` must be "${userTokenAudience}".`,
  expired: 'It has expired: `exp` is in the past. Sign a new one.',
  not_yet: '`nbf` lies in the future.',
  incomplete: 'It must have `exp`.',
};

const refuse = (reason: string): never => {
  throw new ParleyError('invalid_user_token', reason);
};

/**
 * The user that a customer's own server has signed for: a JSON Web Token, HS256, `{sub, aud: "parley", bot_id, exp,
 * traits?}`, good for 24 hours at most. Throws invalid_user_token, which says what is wrong with the token and nothing of
 * the secrets.
 */
export const verifyUserToken = async (
  token: string,
  { secrets, botId, now }: { secrets: readonly string[]; botId: string; now: number },
): Promise<KnownUser> => {
  if (token.length > maxTokenCharacters) refuse(`It has more than ${maxTokenCharacters} characters.`);
  if (secrets.length === 0) refuse('This bot has no user_token_secret yet: make one first.');
  const verdict = await verifyJwt(token, { secrets, audience: userTokenAudience, now });
  if ('refusal' in verdict) throw new ParleyError('invalid_user_token', reasons[verdict.refusal]);
  const { claims } = verdict;
  if (claims.bot_id !== botId) refuse('`bot_id` must be the id of the bot that the key is for.');
  assertShort(claims, now / 1_000);
  return { userId: readSubject(claims.sub), traits: readTraits(claims.traits) };
};

const assertShort = ({ exp = Infinity, iat }: { exp?: number; iat?: number }, nowSeconds: number): void => {
  if (iat !== undefined && iat > nowSeconds + toleranceSeconds) refuse('`iat` lies in the future.');
  const lifetime = exp - (iat ?? nowSeconds);
  const tolerated = maxLifetimeSeconds + toleranceSeconds;
  if (lifetime > tolerated || exp - nowSeconds > tolerated) refuse('It may be good for 24 hours at most.');
};

const readSubject = (subject: unknown): string => {
  if (typeof subject !== 'string' || !userIdForm.test(subject)) {
    throw new ParleyError(
      'invalid_user_token',
      '`sub` must be the user_id: a string of 1 to 256 characters, well-formed and without control characters.',
    );
  }
  // who may choose their own name must not become somebody else's visitor
  if (isId('visitor', subject)) refuse('`sub` must not be the id of an anonymous visitor.');
  return subject;
};

const readTraits = (traits: unknown): Traits | null => {
  if (traits === undefined) return null;
  if (typeof traits !== 'object' || traits === null || Array.isArray(traits)) {
    throw new ParleyError('invalid_user_token', '`traits` must be an object.');
  }
  const stated = Object.entries(traits);
  const pairs = stated.filter((pair): pair is [string, TraitValue] => fits(pair));
  if (pairs.length < stated.length || pairs.length > maxTraits) {
    refuse(
      `\`traits\` holds at most ${maxTraits} strings, numbers and booleans of up to ${maxTraitCharacters} characters, as in PATCH /v1/users/{user_id}.`,
    );
  }
  return Object.fromEntries<TraitValue>(pairs);
};

const fits = ([name, value]: [string, unknown]): boolean => {
  if (name === '' || name === '__proto__' || !isSound(name, maxTraitNameCharacters)) return false;
  if (typeof value === 'string') return isSound(value, maxTraitCharacters);
  return typeof value === 'boolean' || Number.isFinite(value);
};

const isSound = (text: string, maxCharacters: number): boolean =>
  !unsoundText.test(text) && Array.from(text).length <= maxCharacters;

/** The visitor that a known user is, the same on every device; their own name stays out of whatever names visitors. */
export const visitorIdOf = (botId: string, userId: string): string =>
  `user-${createHash('sha256').update(`${botId}\n${userId}`).digest('base64url').slice(0, 22)}`;
