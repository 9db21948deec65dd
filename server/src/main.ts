#!/usr/bin/env node
import { type Command, type Terminal, UsageError } from './command/command.ts';
import { describeFailure } from './command/describe-failure.ts';

/** The commands, each with its parts loaded only when it is called: `key create` must not wait for a web server. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => {
    const { start } = await import('./command/start.ts');
    return start(async () => (await import('./app.ts')).createApp);
  },
  'key create': async () => (await import('./command/create-key.ts')).createKey,
  migrate: async () => (await import('./command/migrate.ts')).migrate,
  backup: async () => (await import('./command/backup.ts')).backup,
  export: async () => (await import('./command/export.ts')).exportCommand,
  import: async () => (await import('./command/import.ts')).importCommand,
  'audit verify': async () => (await import('./command/verify-audit.ts')).verifyAudit,
  'secret rotate': async () => (await import('./command/rotate-secret.ts')).rotateSecret,
  doctor: async () => (await import('./command/doctor.ts')).doctor,
  help: async () => (await import('./command/help.ts')).help,
  version: async () => (await import('./command/version.ts')).version,
};

const synonyms: Readonly<Record<string, string>> = {
  '--help': 'help',
  '-h': 'help',
  '--version': 'version',
  '-v': 'version',
};

const terminal: Terminal = {
  answer: (line) => console.log(line),
  note: (line) => console.error(line),
};

/** The command of the line's first word or two, and the arguments behind them. */
const findCommand = (line: readonly string[]): { load: () => Promise<Command>; args: string[] } => {
  const [first = 'help', second] = line;
  const two = second === undefined ? null : commands[`${first} ${second}`];
  if (two) return { load: two, args: line.slice(2) };
  const one = commands[synonyms[first] ?? first];
  if (one) return { load: one, args: line.slice(1) };
  throw new UsageError(
    `unknown command: ${[first, ['key', 'audit', 'secret'].includes(first) ? second : undefined].filter(Boolean).join(' ')}`,
  );
};

// the database, its log, the lock and every backup: for the owner alone, whatever the folder's permissions
process.umask(0o077);

try {
  const { load, args } = findCommand(process.argv.slice(2));
  const command = await load();
  process.exitCode = await command(args, terminal);
} catch (error) {
  const { code, text } = describeFailure(error);
  terminal.note(text);
  // what had been started by then may keep the process alive
  process.exit(code);
}
