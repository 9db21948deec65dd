import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePlans } from '../core/usage/plan-catalogue.ts';
import { providerParts, variables } from './variables.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8');

/** Name and default of each row of the page's tables. */
const documented = [...page.matchAll(/^\| `(?<name>[A-Z][A-Z_<>]+)` +\| +(?:`(?<initial>[^`]+)` +)?\| \S/gm)].map(
  ({ groups }) => [groups?.['name'] ?? '', groups?.['initial'] ?? null] as const,
);

test('docs/configuration.md has a row for every variable, with its default, and for nothing else', () => {
  const known = [
    ...Object.entries(variables).map(([name, { initial }]) => [name, initial]),
    ...providerParts.map((part) => [`PARLEY_PROVIDER_<NAME>_${part}`, part === 'TYPE' ? 'openai-compatible' : null]),
  ];
  expect(documented.length).toBeGreaterThan(20);
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(known));
  expect(documented.length).toBe(known.length);
});

test('the plans file that the page shows is one that Parley takes', () => {
  const example = /```json\n(?<json>[^`]+)```/.exec(page)?.groups?.['json'] ?? '';
  expect([...parsePlans(JSON.parse(example)).plans.keys()]).toEqual(['starter', 'unlimited']);
});
