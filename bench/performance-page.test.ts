import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { writeSection } from './performance-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-page-'));
const path = join(folder, 'page.md');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('puts a table between its markers, with machine, date and command, and leaves the rest', () => {
  writeFileSync(
    path,
    '# Page\n\n<!-- measured: a -->\n\nold\n\n<!-- end: a -->\n\n<!-- measured: b -->\n\nb\n\n<!-- end: b -->\n',
  );
  writeSection(path, { name: 'a', text: '| x |\n| --- |\n| 1 |\n' });
  const page = readFileSync(path, 'utf8');
  expect(page).toMatch(
    /^# Page\n\n<!-- measured: a -->\n\nMeasured on \d{4}-\d\d-\d\d, on \d+ processors \(.+\), \d+ GB/,
  );
  expect(page).toContain(`Node ${process.version}`);
  expect(page).toContain('```\nnode ');
  expect(page).toContain('| 1   |\n\n<!-- end: a -->\n\n<!-- measured: b -->\n\nb\n\n<!-- end: b -->\n');
  expect(page).not.toContain('old');
  expect(() => writeSection(path, { name: 'c', text: '' })).toThrow('has no place');
});
