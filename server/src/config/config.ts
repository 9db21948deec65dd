import { join, resolve } from 'node:path';
import { type LogLevel, logLevels } from '../kit/logger.ts';
import { ConfigError } from './config-error.ts';
import type { Env } from './env.ts';
import { type EmbeddingsConfig, readEmbeddings } from './embeddings.ts';
import { type JsonFile, readJsonFile } from './json-file.ts';
import { type OutboundConfig, readOutbound } from './outbound.ts';
import { type ProviderConfig, readProviders } from './providers.ts';
import { readRedisConfig, type RedisConfig } from './redis-config.ts';
import { readSources, type SourcesConfig } from './sources.ts';
import { readStoreConfig, type StoreConfig } from './store-config.ts';
import { readTestMode, type TestMode } from './test-mode.ts';
import type { Network } from '../kit/client-address.ts';
import { type ValueReader, valueReader } from './value-reader.ts';
import { readTrustedProxies, readVisitorLimits, type VisitorConfig } from './visitors.ts';
import type { VariableName } from './variables.ts';

/** Everything that is set from outside, checked, with its defaults. Times are in milliseconds. */
export type Config = Readonly<{
  host: string;
  /** 0: any free port. */
  port: number;
  /** Absolute. */
  dataDir: string;
  store: StoreConfig;
  /** Null: servers on one database reach each other through it alone. */
  redis: RedisConfig | null;
  /** Where the master secret comes from. */
  secret: SecretSource;
  logLevel: LogLevel;
  /** The plans file as JSON that nobody has looked into yet; null where every workspace may do everything. */
  plans: JsonFile | null;
  /** The operator's own prices, beside those of `builtin-prices.ts`. */
  prices: JsonFile | null;
  providers: readonly ProviderConfig[];
  /** `builtin` or `<provider>/<model>`: what a new bot gets unless it says otherwise. */
  defaultModel: string;
  /** Null: knowledge is searched by its words alone. */
  embeddings: EmbeddingsConfig | null;
  metrics: MetricsConfig;
  limits: Readonly<{
    maxMessageCharacters: number;
    bodyLimitBytes: number;
    /** How long a JSON call waits for its turn before it is answered with the turn as it stands. */
    jsonWaitMs: number;
  }>;
  modelTimeouts: Readonly<{ connectMs: number; firstTokenMs: number; idleMs: number; totalMs: number }>;
  turns: Readonly<{
    /** A turn whose owner was silent for so long is taken over. */
    leaseMs: number;
    /** How long after a turn's end its event stream can be read again. */
    logRetentionMs: number;
  }>;
  outbound: OutboundConfig;
  sources: SourcesConfig;
  /** What visitors behind publishable keys may do. */
  visitors: VisitorConfig;
  /** Whose `X-Forwarded-…` headers are believed. */
  trustedProxies: readonly Network[];
  /** How long `stop` lets running turns finish. */
  drainMs: number;
  testMode: TestMode;
  /** What does not keep Parley from starting and still deserves a line. */
  warnings: readonly string[];
}>;

/** `previous`: the secret that is being replaced, where a variable holds it. */
export type SecretSource = Readonly<
  ({ kind: 'given'; value: string } | { kind: 'file'; path: string }) & { previous: string | null }
>;

/** `/metrics` is off, behind a bearer token on the main port, or open on a port of its own. */
export type MetricsConfig = Readonly<
  { kind: 'off' } | { kind: 'token'; token: string } | { kind: 'port'; port: number }
>;

const minSecondsOfTurnLog = 3_600;
const minMetricsTokenCharacters = 16;
/** One character as JSON's `\uXXXX\uXXXX`. */
const maxBytesPerCharacter = 12;
/** Room for the rest of a request beside its message. */
const bodyOverheadBytes = 65_536;
const hourMs = 3_600_000;

const readMetrics = (read: ValueReader): MetricsConfig => {
  const token = read.text('PARLEY_METRICS_TOKEN');
  const port = read.optionalInteger('PARLEY_METRICS_PORT', 1, 65_535);
  if (token !== null && port !== null) {
    read.wrong('PARLEY_METRICS_PORT', 'cannot be set together with PARLEY_METRICS_TOKEN: choose one');
  }
  if (token !== null && token.length < minMetricsTokenCharacters) {
    read.wrong('PARLEY_METRICS_TOKEN', `must have at least ${minMetricsTokenCharacters} characters`);
  }
  if (port !== null) return { kind: 'port', port };
  return token === null ? { kind: 'off' } : { kind: 'token', token };
};

const readLimits = (read: ValueReader): Config['limits'] => {
  const maxMessageCharacters = read.integer('PARLEY_MAX_MESSAGE_CHARACTERS', 1, 1_000_000);
  const bodyLimitBytes = read.integer('PARLEY_BODY_LIMIT_BYTES', 1_024, 104_857_600);
  const needed = maxMessageCharacters * maxBytesPerCharacter + bodyOverheadBytes;
  if (bodyLimitBytes < needed) {
    read.wrong('PARLEY_BODY_LIMIT_BYTES', `must be at least ${needed}, or the longest message allowed would not fit`);
  }
  return { maxMessageCharacters, bodyLimitBytes, jsonWaitMs: read.integer('PARLEY_JSON_WAIT_MS', 100, hourMs) };
};

const readModelTimeouts = (read: ValueReader): Config['modelTimeouts'] => {
  const totalMs = read.integer('PARLEY_MODEL_TOTAL_TIMEOUT_MS', 100, hourMs);
  const within = (name: VariableName): number => {
    const timeoutMs = read.integer(name, 100, hourMs);
    if (timeoutMs > totalMs) read.wrong(name, `cannot be longer than PARLEY_MODEL_TOTAL_TIMEOUT_MS (${totalMs})`);
    return timeoutMs;
  };
  return {
    connectMs: within('PARLEY_MODEL_CONNECT_TIMEOUT_MS'),
    firstTokenMs: within('PARLEY_MODEL_FIRST_TOKEN_TIMEOUT_MS'),
    idleMs: within('PARLEY_MODEL_IDLE_TIMEOUT_MS'),
    totalMs,
  };
};

const readDefaultModel = (read: ValueReader, providers: readonly ProviderConfig[]): string => {
  const model = read.text('PARLEY_DEFAULT_MODEL') ?? 'builtin';
  if (model === 'builtin') return model;
  const slash = model.indexOf('/');
  if (slash < 1 || slash === model.length - 1) {
    read.wrong('PARLEY_DEFAULT_MODEL', 'must be builtin or <provider>/<model>');
  } else if (!providers.some((provider) => provider.name === model.slice(0, slash))) {
    const known = providers.map((provider) => provider.name).join(', ') || 'none';
    read.wrong('PARLEY_DEFAULT_MODEL', `must name a provider that is configured (${known})`);
  }
  return model;
};

const readSecretSource = (read: ValueReader, dataDir: string): SecretSource => {
  const value = read.text('PARLEY_SECRET');
  const previous = read.text('PARLEY_SECRET_PREVIOUS');
  if (value === null) return { kind: 'file', path: join(dataDir, 'secret'), previous };
  if (previous === value) {
    read.wrong('PARLEY_SECRET_PREVIOUS', 'must differ from PARLEY_SECRET: it is the secret that this one replaces');
  }
  return { kind: 'given', value, previous };
};

const warningsAbout = (providers: readonly ProviderConfig[], testMode: TestMode): string[] => {
  const warnings: string[] = [];
  if (testMode.failpoint) warnings.push(`this server breaks on purpose, at ${testMode.failpoint.name}`);
  if (!testMode.syncsCommits) warnings.push('commits are not synced: a power cut loses what was acknowledged');
  for (const { name, url, key } of providers) {
    const { protocol, hostname } = new URL(url);
    const local = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
    if (key !== null && protocol === 'http:' && !local) {
      warnings.push(`provider ${name} is called over http: its key and every message travel readable`);
    }
  }
  return warnings;
};

/**
 * Turns the environment into configuration. Throws ConfigError with a line for everything that is wrong. Touches no file
 * but those of plans and prices.
 */
export const readConfig = (env: Env): Config => {
  const read = valueReader(env);
  const dataDir = resolve(read.text('PARLEY_DATA_DIR') ?? '.');
  const providers = readProviders(env, read);
  const testMode = readTestMode(read);
  const config: Config = {
    host: read.text('PARLEY_HOST') ?? '127.0.0.1',
    port: read.integer('PARLEY_PORT', 0, 65_535),
    dataDir,
    store: readStoreConfig(read, dataDir),
    redis: readRedisConfig(read),
    secret: readSecretSource(read, dataDir),
    logLevel: read.oneOf('PARLEY_LOG', logLevels),
    plans: readJsonFile(read, 'PARLEY_PLANS'),
    prices: readJsonFile(read, 'PARLEY_PRICES'),
    providers,
    defaultModel: readDefaultModel(read, providers),
    embeddings: readEmbeddings(read, providers),
    metrics: readMetrics(read),
    limits: readLimits(read),
    modelTimeouts: readModelTimeouts(read),
    turns: {
      leaseMs: read.integer('PARLEY_LEASE_MS', 1_000, 600_000),
      logRetentionMs: read.integer('PARLEY_TURN_LOG_RETENTION_S', minSecondsOfTurnLog, 2_592_000) * 1_000,
    },
    outbound: readOutbound(read),
    sources: readSources(read),
    visitors: readVisitorLimits(read),
    trustedProxies: readTrustedProxies(read),
    drainMs: read.integer('PARLEY_DRAIN_MS', 0, hourMs),
    testMode,
    warnings: [...env.warnings, ...warningsAbout(providers, testMode)],
  };
  if (config.metrics.kind === 'port' && config.metrics.port === config.port) {
    read.wrong('PARLEY_METRICS_PORT', 'must differ from PARLEY_PORT');
  }
  if (read.problems.length > 0) throw new ConfigError(read.problems);
  return Object.freeze(config);
};
