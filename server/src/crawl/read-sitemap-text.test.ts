import { expect, test } from 'vitest';
import { readSitemapText } from './read-sitemap-text.ts';

const urlset = (...locations: string[]): string =>
  `<?xml version="1.0"?><urlset xmlns="x">${locations.map((text) => `<url>${text}<lastmod>2026-01-01</lastmod></url>`).join('\n')}</urlset>`;

test.each([
  ['plain', '<loc>https://a.example/x</loc>', 'https://a.example/x'],
  ['with blanks', '<loc>\n  https://a.example/x\n</loc>', 'https://a.example/x'],
  ['with entities', '<loc>https://a.example/?a=1&amp;b=&#50;&#x33;</loc>', 'https://a.example/?a=1&b=23'],
  ['as data', '<loc><![CDATA[https://a.example/?a=1&b=2]]></loc>', 'https://a.example/?a=1&b=2'],
])('a location is read %s', (_case, text, expected) => {
  expect(readSitemapText(urlset(text))).toEqual({ isIndex: false, locations: [expected] });
});

test('pictures and films beside a page are no pages', () => {
  const text = urlset(
    '<loc>https://a.example/x</loc><image:image><image:loc>https://a.example/i.png</image:loc></image:image>',
  );
  expect(readSitemapText(text).locations).toEqual(['https://a.example/x']);
});

test('an index says that it is one', () => {
  const text = '<sitemapindex><sitemap><loc>https://a.example/s1.xml</loc></sitemap></sitemapindex>';
  expect(readSitemapText(text)).toEqual({ isIndex: true, locations: ['https://a.example/s1.xml'] });
});

test('a list of lines is one, too', () => {
  const text = 'https://a.example/x\r\n\r\nhttps://a.example/y\n';
  expect(readSitemapText(text).locations).toEqual(['https://a.example/x', 'https://a.example/y']);
});

test.each([
  [
    'an entity of its own',
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><loc>&a;</loc></urlset>',
    ['&a;'],
  ],
  ['an end that never comes', '<urlset><loc>https://a.example/x', []],
  ['data that never ends', '<urlset><loc><![CDATA[https://a.example/x</loc>', []],
  ['an empty location', '<urlset><loc> </loc><loc></loc></urlset>', []],
  ['an address without end', `<urlset><loc>https://a.example/${'a'.repeat(100_000)}</loc></urlset>`, []],
  ['nothing', '', []],
  ['brackets alone', '<'.repeat(200_000), []],
])('%s does no harm', (_case, text, expected) => {
  expect(readSitemapText(text).locations).toEqual(expected);
});

test('no more than 50,000 locations are read', () => {
  expect(readSitemapText(`<urlset>${'<loc>https://a.example/</loc>'.repeat(60_000)}</urlset>`).locations).toHaveLength(
    50_000,
  );
});

test.each([
  ['opening signs', '<'.repeat(20_000_000)],
  ['locations that hold nothing', '<loc>'.repeat(4_000_000)],
  ['tags that do not end', `<loc${' '.repeat(30)}`.repeat(500_000)],
])('twenty megabytes of %s are read in a moment', (_what, text) => {
  const startedAt = performance.now();
  expect(readSitemapText(text).locations).toEqual([]);
  // a look at every sign takes six times as long
  expect(performance.now() - startedAt).toBeLessThan(1_200);
});
