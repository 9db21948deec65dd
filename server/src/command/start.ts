import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { loadSecrets, type Secrets } from '../config/secrets.ts';
import { type FirstRun, setUpInstallation } from '../core/demo/set-up-installation.ts';
import { systemClock } from '../kit/clock.ts';
import { createLogger, type Logger } from '../kit/logger.ts';
import { openSqliteStore } from '../store/sqlite/database.ts';
import { assertPortFree } from './assert-port-free.ts';
import { type Command, CommandError, exitCodes } from './command.ts';
import { claimDataDir, makeDataDir } from './data-dir.ts';
import { readFlags } from './read-flags.ts';
import { requireOwnSecret } from './require-own-secret.ts';
import { firstKeyLines, welcomeLines } from './welcome.ts';

/** The running server, as `app.ts` makes it. */
type App = { start(): Promise<{ url: string }>; stop(): Promise<void> };

export type CreateApp = (config: Config, secrets: Secrets) => App | Promise<App>;

/** Migrates, and makes workspace, demo bot and key where there was nothing yet; null on every later start. */
const prepareDatabase = async (config: Config, secrets: Secrets): Promise<FirstRun | null> => {
  const store = await openSqliteStore({ path: config.store.path, migrate: true });
  try {
    await requireOwnSecret(store, config, secrets);
    return await setUpInstallation(store.transact, {
      pepper: secrets.keyFor('key-pepper'),
      clock: systemClock,
      defaultModel: config.defaultModel,
    });
  } finally {
    await store.close();
  }
};

/** Says of a failure to listen what to do about it. */
const listening = async <Result>(config: Config, listen: () => Promise<Result>): Promise<Result> => {
  try {
    return await listen();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    const place = `${config.host}:${config.port}`;
    if (code === 'EADDRINUSE')
      throw new CommandError(`${place} is taken: set PARLEY_PORT to a free port`, { cause: error });
    if (code === 'EACCES')
      throw new CommandError(`this user may not listen on ${place}: set PARLEY_PORT to one above 1023`, {
        cause: error,
      });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new CommandError(`this machine has no address ${config.host}: correct PARLEY_HOST`, { cause: error });
    }
    throw error;
  }
};

/** Resolves at the first signal to stop; the second one ends the process where it stands. */
const stopSignal = (logger: Logger): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(exitCodes.failed);
        asked = true;
        logger.info({ signal }, 'stopping: running turns may finish; a second signal ends them');
        resolve(signal);
      });
    }
  });

/** A program in a state nobody foresaw ends, and what it left is taken up at the next start. */
const endOnUnforeseen = (logger: Logger): void => {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error }, 'unforeseen error: the process ends');
      process.exit(exitCodes.failed);
    });
  }
};

/** Serves until it is told to stop. */
export const start =
  (loadApp: () => Promise<CreateApp>): Command =>
  async (args, terminal) => {
    readFlags(args, {});
    const config = readConfig(readEnv());
    const logger = createLogger(config.logLevel);
    endOnUnforeseen(logger);
    makeDataDir(config.dataDir);
    const lock = claimDataDir(config.dataDir);
    try {
      const secrets = loadSecrets(config.secret, { create: !existsSync(config.store.path) });
      for (const warning of [...config.warnings, ...secrets.warnings]) logger.warn(warning);
      await listening(config, () => assertPortFree(config));
      const firstRun = await prepareDatabase(config, secrets);
      if (firstRun) terminal.answer(firstKeyLines(firstRun).join('\n'));
      const createApp = await loadApp();
      const app = await createApp(config, secrets);
      const stopping = stopSignal(logger);
      const { url } = await listening(config, () => app.start());
      terminal.answer(welcomeLines(url, firstRun).join('\n'));
      await stopping;
      await app.stop();
      return exitCodes.done;
    } finally {
      lock.release();
    }
  };
