import type { Config } from '../config/config.ts';
import { readConfig } from '../config/config.ts';
import { previousSecretPlace } from '../config/master-secret.ts';
import { readEnv } from '../config/env.ts';
import { loadSecrets, type Secrets } from '../config/secrets.ts';
import type { SecretStanding } from '../core/installation/secret-rotation.ts';
import { type FirstRun, setUpInstallation } from '../core/demo/set-up-installation.ts';
import { systemClock } from '../kit/clock.ts';
import { createLogger, type Logger } from '../kit/logger.ts';
import { openStore } from '../store/open-store.ts';
import { assertPortFree } from './assert-port-free.ts';
import { claimStore, inspectDatabase } from './claim-store.ts';
import { type Command, CommandError, exitCodes } from './command.ts';
import { readFlags } from './read-flags.ts';
import { requireOwnSecret } from './require-own-secret.ts';
import { firstKeyLines, welcomeLines } from './welcome.ts';

/** The running server, as `app.ts` makes it. */
type App = { start(): Promise<{ url: string }>; stop(): Promise<void> };

export type CreateApp = (config: Config, secrets: Secrets) => App | Promise<App>;

type Prepared = { config: Config; secrets: Secrets; logger: Logger };

const noteRotation = (standing: SecretStanding, { config, secrets, logger }: Prepared): void => {
  if (secrets.previousFingerprint === null) return;
  const place = previousSecretPlace(config.secret);
  if (standing === 'rotating') logger.info(`the secret in ${place} is being replaced; doctor says how far that is`);
  else logger.warn(`nothing stands under the secret in ${place} any more: it may be removed`);
};

/** Migrates, and makes workspace, demo bot and key where there was nothing yet; null on every later start. */
const prepareDatabase = async ({ config, secrets, logger }: Prepared): Promise<FirstRun | null> => {
  const store = await openStore(config.store, { migrate: true, onWarning: (text) => logger.warn(text) });
  try {
    const standing = await requireOwnSecret(store, { config, secrets }, { begin: true });
    noteRotation(standing, { config, secrets, logger });
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
    const lock = claimStore(config);
    try {
      const secrets = loadSecrets(config.secret, { create: (await inspectDatabase(config)) === null });
      for (const warning of [...config.warnings, ...secrets.warnings]) logger.warn(warning);
      await listening(config, () => assertPortFree(config));
      const firstRun = await prepareDatabase({ config, secrets, logger });
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
