import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parts } from './parts.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/quality.md'), 'utf8');

it('the page has a place for every part, in their order, and for nothing else', () => {
  const names = parts.map(({ name }) => name);
  expect([...page.matchAll(/<!-- measured: (.+) -->/g)].map(([, name]) => name)).toEqual(names);
  expect([...page.matchAll(/<!-- end: (.+) -->/g)].map(([, name]) => name)).toEqual(names);
});

it('names the command behind every table', () => {
  const sections = [...page.matchAll(/<!-- measured: .+ -->([\s\S]*?)<!-- end/g)].map(([, section]) => section ?? '');
  const unnamed = sections.filter((text) => text.includes('| what') && !text.includes('node bench/quality.ts'));
  expect(unnamed).toEqual([]);
});
