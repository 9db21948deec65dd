import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { newId } from '../../kit/id.ts';
import { signToken } from '../../kit/signed-token.ts';
import { createEmbedTokens } from './embed-token.ts';
import { createVisitorTokens, newVisitorId } from './visitor-token.ts';

const key = randomBytes(32);
const dayMs = 86_400_000;
const now = Date.UTC(2026, 10, 22);
const of = { workspaceId: newId('ws'), botId: newId('bot') };
const tokens = createVisitorTokens([key]);
const visitorId = newVisitorId();
const token = tokens.issue({ ...of, visitorId }, now);

test('a token proves its visitor for 180 days', () => {
  expect(tokens.verify(token, { ...of, now: now + 180 * dayMs - 1 }).visitorId).toBe(visitorId);
  expect(() => tokens.verify(token, { ...of, now: now + 180 * dayMs })).toThrow('invalid_visitor_token');
});

test('a token is to be replaced once it is older than a day', () => {
  expect(tokens.verify(token, { ...of, now: now + dayMs }).stale).toBe(false);
  expect(tokens.verify(token, { ...of, now: now + dayMs + 1 }).stale).toBe(true);
});

test.each([
  ['another workspace', { workspaceId: newId('ws') }],
  ['another bot', { botId: newId('bot') }],
])('a token proves nothing to %s', (_whose, other) => {
  expect(() => tokens.verify(token, { ...of, now, ...other })).toThrow('invalid_visitor_token');
});

test('a token outlives the key that signed it where that key is still known', () => {
  const rotated = createVisitorTokens([randomBytes(32), key]);
  expect(rotated.verify(token, { ...of, now }).visitorId).toBe(visitorId);
  expect(() => createVisitorTokens([randomBytes(32)]).verify(token, { ...of, now })).toThrow('invalid_visitor_token');
});

test('a token for one purpose is none for another, under the very same key', () => {
  const embedTokens = createEmbedTokens([key]);
  const keyId = newId('key');
  const embedToken = embedTokens.issue(keyId, now).token;
  expect(() => tokens.verify(embedToken, { ...of, now })).toThrow('invalid_visitor_token');
  expect(() => embedTokens.verify(token, { keyId, now })).toThrow('invalid_embed_token');
});

test('a token that names no visitor is refused, also where we have signed it', () => {
  const signed = signToken(key, 'visitor', {
    v: 'customer-1',
    w: of.workspaceId,
    b: of.botId,
    iat: now,
    exp: now + dayMs,
  });
  expect(() => tokens.verify(signed, { ...of, now })).toThrow('invalid_visitor_token');
});

test('an embed token is good for ten minutes and for its own key', () => {
  const embedTokens = createEmbedTokens([key]);
  const keyId = newId('key');
  const { token: embedToken, expiresAt } = embedTokens.issue(keyId, now);
  expect(expiresAt).toBe(now + 600_000);
  expect(() => embedTokens.verify(embedToken, { keyId, now: expiresAt - 1 })).not.toThrow();
  expect(() => embedTokens.verify(embedToken, { keyId, now: expiresAt })).toThrow('invalid_embed_token');
  expect(() => embedTokens.verify(embedToken, { keyId: newId('key'), now })).toThrow('invalid_embed_token');
});
