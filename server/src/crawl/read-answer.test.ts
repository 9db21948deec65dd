import { expect, test } from 'vitest';
import type { WebError } from '../core/knowledge/web-reader.ts';
import { isReadable, readAnswer } from './read-answer.ts';

const url = 'https://shop.example/a/b';
const now = Date.UTC(2026, 10, 30);
const answer = (status: number, headers: Record<string, string> = {}) =>
  readAnswer(url, { status, headers, body: Buffer.from('x'), url }, now);
const refusal = (status: number, headers: Record<string, string> = {}): WebError => {
  try {
    answer(status, headers);
  } catch (error) {
    return error as WebError;
  }
  throw new Error('it was taken');
};

test('a page comes with what is needed to ask for it again, and what it asks for', () => {
  const headers = { 'content-type': 'text/html; charset="ISO-8859-1"', etag: '"1"', 'last-modified': 'yesterday' };
  expect(answer(200, headers)).toMatchObject({
    kind: 'document',
    charset: 'ISO-8859-1',
    etag: '"1"',
    lastModified: 'yesterday',
    noIndex: false,
    noFollow: false,
  });
});

test.each([
  ['noindex', [true, false]],
  ['none', [true, true]],
  ['nofollow, noarchive', [false, true]],
  ['googlebot: noindex', [false, false]],
  ['googlebot: noindex, nofollow', [false, false]],
  ['parleybot: noindex', [true, false]],
  ['unavailable_after: 25 Jun 2026 15:00:00 PST, noindex', [true, false]],
  ['', [false, false]],
])('x-robots-tag: %s', (header, expected) => {
  const page = answer(200, { 'content-type': 'text/html', 'x-robots-tag': header });
  expect('noIndex' in page && [page.noIndex, page.noFollow]).toEqual(expected);
});

test('a redirect says where it leads, and is not followed here', () => {
  expect(answer(302, { location: '../c' })).toEqual({ kind: 'moved', url: 'https://shop.example/c' });
  expect(answer(304)).toEqual({ kind: 'unchanged' });
});

test.each([
  [401, 'refused', 'sign-in'],
  [403, 'refused', 'HTTP 403'],
  [404, 'gone', 'no such page'],
  [410, 'gone', 'HTTP 410'],
  [302, 'refused', 'HTTP 302'],
  [418, 'refused', 'HTTP 418'],
  [429, 'passing', 'too many requests'],
  [500, 'passing', 'failed'],
  [503, 'passing', 'HTTP 503'],
])('HTTP %s is %s, and says so', (status, kind, words) => {
  expect(refusal(status)).toMatchObject({ kind, message: expect.stringContaining(words) });
});

test.each([
  ['120', now + 120_000],
  [new Date(now + 60_000).toUTCString(), now + 60_000],
  ['soon', null],
])('a server that wants to be left alone until %s is', (header, retryAt) => {
  expect(refusal(503, { 'retry-after': header })).toMatchObject({ kind: 'passing', retryAt });
});

test('who wants to be left alone for hours is not waited for', () => {
  expect(refusal(429, { 'retry-after': '86400' })).toMatchObject({ kind: 'refused', retryAt: now + 86_400_000 });
});

test.each([
  ['text/html', true],
  ['text/plain; charset=utf-8', true],
  ['application/pdf', true],
  ['application/octet-stream', true],
  ['', true],
  ['text/css', false],
  ['image/png', false],
  ['video/mp4', false],
  ['application/zip', false],
])('the body of %s is worth reading: %s', (type, expected) => {
  const headers = { 'content-type': type };
  expect(isReadable({ status: 200, headers })).toBe(expected);
  const refused = expected ? type : refusal(200, headers).message;
  expect(refused).toContain(type);
});
