import { type Command, exitCodes } from './command.ts';
import { readFlags } from './read-flags.ts';

export const helpText = `Parley: a self-hosted AI chat engine behind a REST API.

Usage: parley <command> [flags]

  start                     start the server
  key create                make an API key; prints its secret, and nothing else
      --name NAME           what the key is called
      --scopes LIST         all, or scopes separated by commas: chat,bots:read
      --bots LIST           only these bots, separated by commas
      --workspace ID        in this workspace; the first one unless given
      --expires WHEN        90d, or a time such as 2027-01-31T00:00:00Z
      --test                a key for test mode
  migrate                   bring the database up to date without starting
  backup FILE [--force]     copy the database, also while the server runs
  export FILE               write a workspace into a file, also while the server runs
      --workspace ID        which one
      --with-clients        together with its client workspaces
      --force               replace the file
  import FILE               add what export wrote, on either database
      --other-secret        also where it was made under another master secret
      --parent ID           the agency whose client it is, where the file is without
  audit verify              check that no audit log was tampered with
  secret rotate             make a new master secret for the next start
  doctor                    look for what is wrong, and say how to mend it
  version, help

Configuration is by environment variables: docs/configuration.md lists them.`;

export const help: Command = (args, terminal) => {
  readFlags(args, {});
  terminal.answer(helpText);
  return Promise.resolve(exitCodes.done);
};
