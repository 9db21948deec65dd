import { expect, test } from 'vitest';
import { urlWithin } from './crawl-scope.ts';

const site = (url: string, change: { include?: string[]; exclude?: string[] } = {}) => ({
  type: 'site' as const,
  url,
  maxDepth: 5,
  maxPages: 10,
  include: [],
  exclude: [],
  ...change,
});

test.each([
  ['https://shop.example/', 'https://shop.example/a/b', true],
  ['https://shop.example/help/', 'https://shop.example/help/a', true],
  ['https://shop.example/help/', 'https://shop.example/help/', true],
  ['https://shop.example/help/', 'https://shop.example/', false],
  ['https://shop.example/help/start.html', 'https://shop.example/help/next.html', true],
  ['https://shop.example/help', 'https://shop.example/about', true],
  ['https://shop.example/', 'https://www.shop.example/a', true],
  ['https://shop.example/', 'http://shop.example/a', true],
  ['https://shop.example/', 'https://blog.shop.example/a', false],
  ['https://shop.example/', 'https://elsewhere.example/a', false],
  ['https://shop.example/', 'https://shop.example/a.zip', false],
  ['https://shop.example/', 'mailto:a@shop.example', false],
])('a site from %s holds %s: %s', (url, link, expected) => {
  expect(urlWithin(site(url), link) !== null).toBe(expected);
});

test.each([
  ['/docs', true],
  ['/docs/intro', true],
  ['/docs-old', false],
  ['/docs/internal', false],
  ['/docs/internal/a', false],
  ['/docs/internals', true],
  ['/', false],
])('between what is wanted and what is not, %s: %s', (path, expected) => {
  const content = site('https://shop.example/', { include: ['/docs'], exclude: ['/docs/internal/'] });
  expect(urlWithin(content, `https://shop.example${path}`) !== null).toBe(expected);
});

test('a sitemap reaches as far as its host', () => {
  const bounds = { maxPages: 10, include: [], exclude: [] };
  const content = { type: 'sitemap' as const, url: 'https://shop.example/maps/a.xml', ...bounds };
  expect(urlWithin(content, 'https://shop.example/a')).toBe('https://shop.example/a');
  expect(urlWithin(content, 'https://elsewhere.example/a')).toBeNull();
});
