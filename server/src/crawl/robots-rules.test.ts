import { describe, expect, test } from 'vitest';
import { parseRobots } from './robots-rules.ts';

const allows = (text: string, path: string): boolean =>
  parseRobots(text, 'parleybot').allows(`https://shop.example${path}`);

describe('a rule', () => {
  // RFC 9309, 2.2.2 and 2.2.3, and what Google says of the same patterns
  test.each([
    ['Disallow: /fish', '/fish', false],
    ['Disallow: /fish', '/fish/salmon.html', false],
    ['Disallow: /fish', '/Fish', true],
    ['Disallow: /fish', '/catfish', true],
    ['Disallow: /fish/', '/fish', true],
    ['Disallow: /fish*', '/fishheads', false],
    ['Disallow: /*.php', '/folder/file.php?id=1', false],
    ['Disallow: /*.php', '/windows.PHP', true],
    ['Disallow: /*.php$', '/file.php', false],
    ['Disallow: /*.php$', '/file.php?id=1', true],
    ['Disallow: /fish*.php', '/fishheads/catfish.php?a=b', false],
    ['Disallow: /a$', '/a', false],
    ['Disallow: /a$', '/ab', true],
    ['Disallow: *', '/anything', false],
    ['Disallow: /*/b/*/d$', '/a/b/c/d', false],
    ['Disallow: /*/b/*/d$', '/a/b/c/d/e', true],
    ['Disallow:', '/anything', true],
    ['Disallow: /', '/robots.txt', true],
    ['Disallow: /a%3cd.html', '/a%3Cd.html', false],
    ['Disallow: /%7Ejoe', '/~joe/', false],
    ['Disallow: /~joe', '/%7ejoe/', false],
    ['Disallow: /a%2Fb', '/a/b', true],
    ['Disallow: /ツ', '/%E3%83%84', false],
    ['Disallow: /?q=', '/?q=wool', false],
    ['Disallow: /a # everything in it', '/a', false],
    ['disallow : /a', '/a', false],
  ])('"%s" and %s', (rule, path, expected) => {
    expect(allows(`User-agent: *\n${rule}`, path)).toBe(expected);
  });

  test.each([
    ['Allow: /p\nDisallow: /', '/page', true],
    ['Allow: /folder\nDisallow: /folder', '/folder/page', true],
    ['Disallow: /folder\nAllow: /folder/open', '/folder/open/a', true],
    ['Allow: /\nDisallow: /private', '/private', false],
    ['Allow: /$\nDisallow: /', '/', true],
    ['Allow: /$\nDisallow: /', '/page.htm', false],
  ])('of several the longest decides: "%s" and %s', (rules, path, expected) => {
    expect(allows(`User-agent: *\n${rules}`, path)).toBe(expected);
  });
});

describe('a group', () => {
  test('that names us counts instead of the one for everybody', () => {
    const text = 'User-agent: *\nDisallow: /\n\nUser-agent: ParleyBot/2.0\nDisallow: /private';
    expect([allows(text, '/open'), allows(text, '/private')]).toEqual([true, false]);
  });

  test('may stand under several names, and several groups of one name are one', () => {
    const text =
      'User-agent: other\nUser-agent: parleybot\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: parleybot\nDisallow: /b';
    expect(['/a', '/b', '/c'].map((path) => allows(text, path))).toEqual([false, false, true]);
  });

  test('of somebody else, or before any name, says nothing to us', () => {
    expect(allows('Disallow: /\nUser-agent: googlebot\nDisallow: /', '/a')).toBe(true);
    expect(allows('User-agent: parleybots\nDisallow: /', '/a')).toBe(true);
  });

  test('may ask for a pause', () => {
    expect(parseRobots('User-agent: *\nCrawl-delay: 2.5', 'parleybot').delayMs).toBe(2_500);
    expect(parseRobots('User-agent: *\nCrawl-delay: soon', 'parleybot').delayMs).toBeNull();
    expect(parseRobots('', 'parleybot').delayMs).toBeNull();
  });
});

describe('a hostile file', () => {
  test.each([
    ['wildcards without end', `User-agent: *\nDisallow: /${'*a'.repeat(5_000)}`],
    ['rules without end', `User-agent: *\n${'Disallow: /*a*b*c*d$\n'.repeat(20_000)}`],
    ['one long line', `User-agent: *\nDisallow: /${'a'.repeat(500_000)}`],
    ['bytes that are no text', 'User-agent: *\nDisallow: /\ud800%zz\u0000'],
  ])('of %s is read and asked in reasonable time', (_case, text) => {
    const rules = parseRobots(text, 'parleybot');
    for (let count = 0; count < 20; count++) rules.allows(`https://shop.example/${'ab'.repeat(900)}`);
    expect(rules.allows('https://shop.example/')).toBe(true);
  });
});
