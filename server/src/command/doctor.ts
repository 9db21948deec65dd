import { builtinPrices } from '../config/builtin-prices.ts';
import { type Config, readConfig } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { readEnv } from '../config/env.ts';
import { readMasterSecret, readPreviousSecret } from '../config/master-secret.ts';
import { type Secrets, secretsFrom } from '../config/secrets.ts';
import { ParleyError } from '../core/error.ts';
import { readPriceList } from '../core/turn/price-list.ts';
import { parsePlans } from '../core/usage/plan-catalogue.ts';
import { checkProvider } from '../model/check-provider.ts';
import { createEmbeddingModel } from '../model/create-embedding-model.ts';
import { checkBacklog } from './check-backlog.ts';
import { checkDataDir } from './check-data-dir.ts';
import { inspectStore } from '../store/inspect-store.ts';
import { checkDocuments } from './check-documents.ts';
import { checkRotation } from './check-rotation.ts';
import { checkDatabase } from './check-database.ts';
import { checkRedis } from './check-redis.ts';
import { type Command, exitCodes } from './command.ts';
import { type Finding, fact, problem, warning } from './finding.ts';
import { readFlags } from './read-flags.ts';
import { readVersion } from './version.ts';

/** What was read, or the problems that kept it from being read. */
const attempt = <Value>(read: () => Value): { value: Value } | { findings: Finding[] } => {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof ConfigError) return { findings: error.problems.map(problem) };
    throw error;
  }
};

const describeModels = ({ providers, defaultModel }: Config): Finding =>
  fact(`default model ${defaultModel}; providers: ${providers.map(({ name }) => name).join(', ') || 'none'}`);

/** Asks the model for one vector: its name and its dimensions are right, or it is said what is not. */
const checkEmbeddings = async ({ embeddings }: Config): Promise<Finding[]> => {
  if (embeddings === null) return [];
  const client = createEmbeddingModel(embeddings);
  try {
    const signal = new AbortController().signal;
    const { vectors } = await client.embed(['parley'], { timeoutMs: embeddingCheckMs, signal });
    return [fact(`embeddings by ${client.name}: vectors of ${vectors[0]?.length ?? 0} dimensions`)];
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'the client failed';
    return [problem(`embeddings by ${client.name}: ${reason}`)];
  } finally {
    await client.close();
  }
};

/** A model that has to be loaded first takes that long. */
const embeddingCheckMs = 30_000;

const checkPlans = ({ plans }: Config): Finding[] => {
  if (plans === null) return [];
  try {
    const { plans: named, defaultPlan } = parsePlans(plans.json);
    return [
      fact(`plans from ${plans.path}: ${[...named.keys()].join(', ')}; ${defaultPlan.name} unless told otherwise`),
    ];
  } catch (error) {
    if (error instanceof ParleyError) return [problem(`${plans.path}: ${error.detail}`)];
    throw error;
  }
};

const checkPrices = ({ prices }: Config): Finding[] => {
  if (prices === null) return [];
  try {
    const { currency, own } = readPriceList(builtinPrices(), prices.json);
    return [fact(`prices from ${prices.path}: ${own.size} models, in ${currency}`)];
  } catch (error) {
    if (error instanceof ParleyError) return [problem(`${prices.path}: ${error.detail}`)];
    throw error;
  }
};

const checkProviders = (config: Config): Promise<Finding[]> =>
  Promise.all(
    config.providers.map(async (provider) => {
      const check = await checkProvider(provider);
      const { origin } = new URL(provider.url);
      switch (check.kind) {
        case 'reachable':
          return fact(`provider ${provider.name} answers at ${origin}`);
        case 'unsure':
          return warning(`provider ${provider.name} at ${origin}: ${check.trouble}`);
        case 'failed':
          return problem(`provider ${provider.name} at ${origin}: ${check.trouble}`);
      }
    }),
  );

/** Null where there is no usable secret; a missing one is a problem only for a database that needs it. */
const checkSecret = (config: Config): { secrets: Secrets | null; findings: Finding[] } => {
  const read = attempt(() => readMasterSecret(config.secret, { create: false }));
  if ('findings' in read) return { secrets: null, findings: read.findings };
  if (read.value === null) return { secrets: null, findings: [] };
  const previous = readPreviousSecret(config.secret);
  const warnings = [...read.value.warnings, ...(previous?.warnings ?? [])];
  const secrets = secretsFrom(read.value.value, { ...read.value, previous: previous?.value ?? null });
  return { secrets, findings: warnings.map(warning) };
};

/** Only where the database is as this version needs it. */
const checkWhatIsUpToDate = async (config: Config, secrets: Secrets | null): Promise<Finding[]> => {
  // where it cannot be opened, that was said before
  const inspection = await inspectStore(config.store).catch(() => null);
  if (secrets === null || inspection?.pendingMigrations.length !== 0) return [];
  return [...(await checkRotation(config, secrets)), ...(await checkBacklog(config.store))];
};

const examine = async (): Promise<Finding[]> => {
  const read = attempt(() => readConfig(readEnv()));
  if ('findings' in read) return read.findings;
  const config = read.value;
  const { secrets, findings } = checkSecret(config);
  return [
    fact(`configuration is valid; it listens on ${config.host}:${config.port}`),
    ...config.warnings.map(warning),
    ...findings,
    ...(config.store.kind === 'sqlite' ? checkDataDir(config.dataDir) : []),
    ...(await checkDatabase(config, secrets)),
    ...(await checkWhatIsUpToDate(config, secrets)),
    ...(await checkRedis(config)),
    await checkDocuments(),
    ...checkPlans(config),
    ...checkPrices(config),
    describeModels(config),
    ...(await checkProviders(config)),
    ...(await checkEmbeddings(config)),
  ];
};

const marks = { fact: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const;

/** Looks at everything a start depends on, changes nothing, and fails where something must be mended. */
export const doctor: Command = async (args, terminal) => {
  readFlags(args, {});
  terminal.answer(`Parley ${readVersion()}, Node ${process.versions.node}`);
  const findings = await examine();
  for (const { kind, text } of findings) terminal.answer(`${marks[kind]}${text}`);
  const problems = findings.filter(({ kind }) => kind === 'problem').length;
  terminal.answer(problems === 0 ? 'Nothing to mend.' : `${problems} to mend.`);
  return problems === 0 ? exitCodes.done : exitCodes.failed;
};
