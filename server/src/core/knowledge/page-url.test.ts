import { expect, test } from 'vitest';
import { isOtherFile, isSameSite, normaliseUrl } from './page-url.ts';

test.each([
  ['https://Shop.Example', 'https://shop.example/'],
  ['https://shop.example:443/a#part', 'https://shop.example/a'],
  ['https://shop.example/a?', 'https://shop.example/a'],
  ['https://shop.example/a?utm_source=x&utm_medium=y', 'https://shop.example/a'],
  ['https://shop.example/a?b=1&gclid=x&c=2', 'https://shop.example/a?b=1&c=2'],
  ['https://shop.example/a?PHPSESSID=1&q=%C3%A4', 'https://shop.example/a?q=%C3%A4'],
  ['https://shop.example/a;jsessionid=1F?b=1', 'https://shop.example/a?b=1'],
  ['https://shop.example/a/../b/./c', 'https://shop.example/b/c'],
  ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
  ['https://shop.example/utm_source', 'https://shop.example/utm_source'],
])('%s is %s', (text, expected) => {
  expect(normaliseUrl(text)).toBe(expected);
  expect(normaliseUrl(expected)).toBe(expected);
});

test.each([
  'mailto:a@shop.example',
  'javascript:alert(1)',
  'ftp://shop.example/',
  'data:text/html,a',
  'https://user:word@shop.example/',
  'https://user@shop.example/',
  '/relative',
  '',
  `https://shop.example/${'a'.repeat(2_048)}`,
])('%s is no page', (text) => {
  expect(normaliseUrl(text)).toBeNull();
});

test('a query that means something keeps its spelling', () => {
  expect(normaliseUrl('https://shop.example/a?x=a+b%20c&y')).toBe('https://shop.example/a?x=a+b%20c&y');
});

test.each([
  ['https://www.shop.example/', 'https://shop.example/a', true],
  ['http://shop.example/', 'https://shop.example/', true],
  ['https://help.shop.example/', 'https://shop.example/', false],
  ['https://shop.example:8443/', 'https://shop.example/', false],
  ['https://shop.example.evil.example/', 'https://shop.example/', false],
])('%s and %s: %s', (one, other, expected) => {
  expect(isSameSite(one, other)).toBe(expected);
});

test.each([
  ['https://shop.example/a.png', true],
  ['https://shop.example/a.PNG?size=2', true],
  ['https://shop.example/price-list.pdf', false],
  ['https://shop.example/png', false],
])('%s is a file of another kind: %s', (url, expected) => {
  expect(isOtherFile(url)).toBe(expected);
});
