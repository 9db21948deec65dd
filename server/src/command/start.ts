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
import { assertPortsFree } from './assert-ports-free.ts';
import { claimStore, inspectDatabase } from './claim-store.ts';
import { type Command, exitCodes } from './command.ts';
import { listening } from './listening.ts';
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
      await listening(config, () => assertPortsFree(config));
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
