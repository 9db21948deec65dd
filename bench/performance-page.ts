import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, isAbsolute, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const bytesPerGb = 1024 ** 3;

/** Where and how: what a reader needs to judge a table by. Names of machines and folders stay out of it. */
const circumstances = (verb: string): string => {
  const [processor] = cpus();
  const given = process.argv.slice(2).map((word) => (isAbsolute(word) ? basename(word) : word));
  const commandLine = ['node', relative(root, process.argv[1] ?? ''), ...given].join(' ');
  return [
    `${verb} on ${new Date().toISOString().slice(0, 10)}, on ${cpus().length} processors`,
    ` (${processor?.model.trim() ?? 'unknown'}), ${(totalmem() / bytesPerGb).toFixed(0)} GB of memory,`,
    ` Node ${process.version}, by:\n\n\`\`\`\n${commandLine}\n\`\`\`\n`,
  ].join('');
};

/**
 * Puts a measurement's text, and how it was made (`verb`), between the page's two markers of that name, and formats the page.
 * Throws where the page has no such place.
 */
export const writeSection = (
  path: string,
  { name, text, verb = 'Measured' }: { name: string; text: string; verb?: string },
): void => {
  const page = readFileSync(path, 'utf8');
  const markers = { begin: `<!-- measured: ${name} -->`, end: `<!-- end: ${name} -->` };
  const begin = page.indexOf(markers.begin);
  const end = page.indexOf(markers.end);
  if (begin < 0 || end < begin) throw new Error(`${path} has no place ${markers.begin} … ${markers.end}`);
  const section = `${markers.begin}\n\n${circumstances(verb)}\n${text}\n`;
  writeFileSync(path, page.slice(0, begin) + section + page.slice(end));
  execFileSync(join(root, 'node_modules/.bin/oxfmt'), [path], { stdio: 'inherit' });
};
