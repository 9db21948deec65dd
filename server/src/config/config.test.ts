import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { readEnv } from './env.ts';

const configOf = (environment: Record<string, string>) => readConfig(readEnv(environment));

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    configOf(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-config-'));
  writeFileSync(join(folder, 'plans.json'), '{"default":"a","plans":{}}');
  writeFileSync(join(folder, 'broken.json'), '{"default":');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('an empty environment gives a server on this machine with its data beside it', () => {
  expect(configOf({})).toEqual({
    host: '127.0.0.1',
    port: 8787,
    dataDir: resolve('data'),
    store: { kind: 'sqlite', path: resolve('data/parley.db') },
    redis: null,
    secret: { kind: 'file', path: resolve('data/secret'), previous: null },
    logLevel: 'info',
    plans: null,
    prices: null,
    providers: [],
    defaultModel: 'builtin',
    embeddings: null,
    metrics: { kind: 'off' },
    limits: { maxMessageCharacters: 16_000, bodyLimitBytes: 4_194_304, jsonWaitMs: 120_000 },
    modelTimeouts: { connectMs: 5_000, firstTokenMs: 30_000, idleMs: 20_000, totalMs: 300_000 },
    turns: { leaseMs: 10_000, logRetentionMs: 3_600_000 },
    outbound: { allowOrigins: [], ports: [] },
    sources: { maxFileBytes: 20_000_000, maxPages: 1_000, crawlDelayMs: 500 },
    visitors: {
      requestsPerMinute: { visitor: 120, address: 600, bot: 6_000 },
      messagesPerDay: { visitor: 200, address: 2_000, bot: 50_000 },
      newVisitorsPerDay: 200,
    },
    trustedProxies: [],
    drainMs: 25_000,
    testMode: { failpoint: null, syncsCommits: true },
    warnings: [],
  });
});

test('a variable that is set to nothing counts as not set', () => {
  expect(configOf({ PARLEY_PORT: '', PARLEY_SECRET: '', DATABASE_URL: '', PARLEY_PROVIDER_LOCAL_URL: '' })).toEqual(
    configOf({}),
  );
});

test('origins and ports for calls to addresses of tenants are read as lists', () => {
  const { outbound } = configOf({
    PARLEY_OUTBOUND_ALLOW: 'http://N8N.internal:5678, https://hooks.example.com:443/',
    PARLEY_OUTBOUND_PORTS: '8080, 9000',
  });
  expect(outbound).toEqual({
    allowOrigins: ['http://n8n.internal:5678', 'https://hooks.example.com'],
    ports: [8080, 9000],
  });
});

/** What a pod gets for a Service called parley with a port called http, as kubelet names it. */
const serviceLinks = {
  PARLEY_SERVICE_HOST: '10.96.14.2',
  PARLEY_SERVICE_PORT: '80',
  PARLEY_SERVICE_PORT_HTTP: '80',
  PARLEY_PORT: 'tcp://10.96.14.2:80',
  PARLEY_PORT_80_TCP: 'tcp://10.96.14.2:80',
  PARLEY_PORT_80_TCP_PROTO: 'tcp',
  PARLEY_PORT_80_TCP_PORT: '80',
  PARLEY_PORT_80_TCP_ADDR: '10.96.14.2',
};

test('links of Kubernetes to a Service called parley are ignored, with a line that says how to be rid of them', () => {
  const { warnings, ...linked } = configOf(serviceLinks);
  const { warnings: none, ...plain } = configOf({});
  expect(linked).toEqual(plain);
  expect(none).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('enableServiceLinks: false')]);
  expect(Object.keys(serviceLinks).filter((name) => !warnings[0]?.includes(name))).toEqual([]);
  expect(configOf({ ...serviceLinks, PARLEY_PORT: '9000' }).port).toBe(9000);
});

test.each([
  ['PARLEY_PORT', '10.96.14.2:80'],
  ['PARLEY_PORT', 'tcp://10.96.14.2'],
  ['PARLEY_PORT_80', '80'],
  ['PARLEY_PORT_HTTP', '80'],
  ['PARLEY_SERVICE', 'x'],
  ['PARLEY_REDIS_SERVICE_HOST', '10.96.14.3'],
])('%s=%s is no such link, and stops the start', (name, value) => {
  expect(problemsOf({ [name]: value })).toHaveLength(1);
});

test('variables of other programs are left alone', () => {
  expect(problemsOf({ PATH: '/bin', PARLEYPORT: 'x', parley_port: 'x', PORT: 'x' })).toEqual([]);
});

test.each([
  ['PARLEY_PRT', '1', 'PARLEY_PRT is not known; did you mean PARLEY_PORT?'],
  ['PARLEY_DATADIR', 'x', 'PARLEY_DATADIR is not known; did you mean PARLEY_DATA_DIR?'],
  ['PARLEY_ENTIRELY_DIFFERENT', 'x', 'PARLEY_ENTIRELY_DIFFERENT is not known: see docs/configuration.md'],
  [
    'PARLEY_PROVIDER_LOCAL_ADDRESS',
    'x',
    'PARLEY_PROVIDER_LOCAL_ADDRESS is not known: a provider has PARLEY_PROVIDER_<NAME>_TYPE, PARLEY_PROVIDER_<NAME>_URL, PARLEY_PROVIDER_<NAME>_KEY',
  ],
  ['PARLEY_PORT', 'abc', 'PARLEY_PORT is "abc": it must be a whole number from 0 to 65535'],
  ['PARLEY_PORT', '-1', 'PARLEY_PORT is "-1": it must be a whole number from 0 to 65535'],
  ['PARLEY_PORT', '65536', 'PARLEY_PORT is "65536": it must be a whole number from 0 to 65535'],
  ['PARLEY_PORT', '80.5', 'PARLEY_PORT is "80.5": it must be a whole number from 0 to 65535'],
  ['PARLEY_LOG', 'loud', 'PARLEY_LOG is "loud": it must be one of trace, debug, info, warn, error, silent'],
  ['PARLEY_METRICS_TOKEN', 'short', 'PARLEY_METRICS_TOKEN must have at least 16 characters'],
  [
    'PARLEY_OUTBOUND_ALLOW',
    'http://n8n.internal/hooks',
    'PARLEY_OUTBOUND_ALLOW is "http://n8n.internal/hooks": it must be at most 100 origins such as http://n8n.internal:5678, with commas between',
  ],
  [
    'PARLEY_OUTBOUND_PORTS',
    '8080,all',
    'PARLEY_OUTBOUND_PORTS is "8080,all": it must be at most 100 ports from 1 to 65535, with commas between',
  ],
  ['PARLEY_METRICS_PORT', '0', 'PARLEY_METRICS_PORT is "0": it must be a whole number from 1 to 65535'],
  ['PARLEY_METRICS_PORT', '8787', 'PARLEY_METRICS_PORT is "8787": it must differ from PARLEY_PORT'],
  ['PARLEY_LEASE_MS', '5', 'PARLEY_LEASE_MS is "5": it must be a whole number from 1000 to 600000'],
  [
    'PARLEY_TURN_LOG_RETENTION_S',
    '60',
    'PARLEY_TURN_LOG_RETENTION_S is "60": it must be a whole number from 3600 to 2592000',
  ],
  [
    'PARLEY_BODY_LIMIT_BYTES',
    '100000',
    'PARLEY_BODY_LIMIT_BYTES is "100000": it must be at least 257536, or the longest message allowed would not fit',
  ],
  [
    'PARLEY_MODEL_IDLE_TIMEOUT_MS',
    '400000',
    'PARLEY_MODEL_IDLE_TIMEOUT_MS is "400000": it cannot be longer than PARLEY_MODEL_TOTAL_TIMEOUT_MS (300000)',
  ],
  ['PARLEY_DEFAULT_MODEL', 'gpt', 'PARLEY_DEFAULT_MODEL is "gpt": it must be builtin or <provider>/<model>'],
  [
    'PARLEY_DEFAULT_MODEL',
    'openai/gpt',
    'PARLEY_DEFAULT_MODEL is "openai/gpt": it must name a provider that is configured (none)',
  ],
  [
    'PARLEY_EMBEDDINGS',
    'local/e5',
    'PARLEY_EMBEDDINGS is "local/e5": it must name a provider that is configured (none)',
  ],
  [
    'PARLEY_EMBEDDINGS',
    'e5',
    'PARLEY_EMBEDDINGS is "e5": it must be <provider>/<model>, such as openai/text-embedding-3-small',
  ],
  [
    'PARLEY_EMBEDDINGS_DIMENSIONS',
    '512',
    'PARLEY_EMBEDDINGS_DIMENSIONS is "512": it needs PARLEY_EMBEDDINGS beside it',
  ],
  [
    'DATABASE_URL',
    'postgres://u:canary@h/d',
    'PARLEY_SECRET must be set together with DATABASE_URL, the same for every server: make one with: openssl rand -base64 48',
  ],
  [
    'REDIS_URL',
    'redis://:canary@h',
    'REDIS_URL is for several servers on one DATABASE_URL: set that too, or remove it',
  ],
  [
    'PARLEY_PROVIDER_LOCAL_KEY',
    'canary',
    'PARLEY_PROVIDER_LOCAL_URL is missing: provider local needs an address such as http://127.0.0.1:11434/v1',
  ],
  ['PARLEY_PROVIDER_LOCAL_URL', 'localhost:11434', 'PARLEY_PROVIDER_LOCAL_URL must begin with http:// or https://'],
  [
    'PARLEY_PROVIDER_LOCAL_URL',
    'nowhere',
    'PARLEY_PROVIDER_LOCAL_URL must be an address such as http://127.0.0.1:11434/v1',
  ],
  [
    'PARLEY_PROVIDER_LOCAL_URL',
    'https://user:canary@host/v1',
    'PARLEY_PROVIDER_LOCAL_URL must hold no user and password: the key has a variable of its own',
  ],
  ['PARLEY_PROVIDER_LOCAL_URL', 'https://host/v1#canary', 'PARLEY_PROVIDER_LOCAL_URL must have no # in it'],
  [
    'OPENAI_API_KEY',
    'sk-canary\nX-Other: header',
    'the key of provider openai has characters that no key has: look for spaces and line ends',
  ],
  [
    'PARLEY_PROVIDER_BUILTIN_URL',
    'http://127.0.0.1/v1',
    'PARLEY_PROVIDER_BUILTIN_…: the name builtin belongs to the model that Parley brings along',
  ],
  [
    'PARLEY_PROVIDER_CLAUDE_TYPE',
    'claude',
    'PARLEY_PROVIDER_CLAUDE_TYPE is "claude": this version knows openai-compatible, anthropic, google',
  ],
])('%s=%s stops the start with a line that names it', (name, value, problem) => {
  expect(problemsOf({ [name]: value })).toEqual([problem]);
});

test('every mistake is named at once, and no line repeats a secret', () => {
  const problems = problemsOf({
    PARLEY_PORT: 'x',
    PARLEY_LOG: 'x',
    PARLEY_UNKNOWN_ONE: 'canary',
    PARLEY_METRICS_TOKEN: 'canary',
    DATABASE_URL: 'canary',
  });
  expect(problems).toHaveLength(6);
  expect(problems.join()).not.toContain('canary');
});

describe('plans', () => {
  test('the plans file is read as JSON', () => {
    const path = join(folder, 'plans.json');
    expect(configOf({ PARLEY_PLANS: path }).plans).toEqual({ path, json: { default: 'a', plans: {} } });
  });

  test('a plans file that is not there is named', () => {
    const path = join(folder, 'gone.json');
    expect(problemsOf({ PARLEY_PLANS: path })).toEqual([
      `PARLEY_PLANS is "${path}": it must name a JSON file, and ${path} cannot be read`,
    ]);
  });

  test('a plans file with a mistake in it is named', () => {
    const [problem] = problemsOf({ PARLEY_PLANS: join(folder, 'broken.json') });
    expect(problem).toContain('broken.json has a mistake in it');
  });
});

describe('providers', () => {
  test('OPENAI_API_KEY makes the provider openai', () => {
    expect(configOf({ OPENAI_API_KEY: 'sk-1', PARLEY_DEFAULT_MODEL: 'openai/some' })).toMatchObject({
      providers: [{ name: 'openai', type: 'openai-compatible', url: 'https://api.openai.com/v1', key: 'sk-1' }],
      defaultModel: 'openai/some',
    });
  });

  test('a key meant for OpenAI does not go to the address of another provider of that name', () => {
    const { providers } = configOf({ OPENAI_API_KEY: 'sk-1', PARLEY_PROVIDER_OPENAI_URL: 'http://127.0.0.1:1/v1' });
    expect(providers).toEqual([{ name: 'openai', type: 'openai-compatible', url: 'http://127.0.0.1:1/v1', key: null }]);
  });

  test('names may have underscores, and addresses lose the slash at their end', () => {
    const { providers } = configOf({
      PARLEY_PROVIDER_MY_VLLM_URL: 'http://127.0.0.1:8000/v1/',
      PARLEY_PROVIDER_MY_VLLM_KEY: 'k',
      PARLEY_PROVIDER_LOCAL_URL: 'http://localhost:11434/v1',
    });
    expect(providers.map(({ name, url, key }) => [name, url, key])).toEqual([
      ['local', 'http://localhost:11434/v1', null],
      ['my_vllm', 'http://127.0.0.1:8000/v1', 'k'],
    ]);
  });

  test('the query of an address is kept, as Azure wants it', () => {
    const { providers } = configOf({
      PARLEY_PROVIDER_AZURE_URL: 'https://x.openai.azure.com/openai/v1/?api-version=1',
    });
    expect(providers[0]?.url).toBe('https://x.openai.azure.com/openai/v1?api-version=1');
  });

  test('a key that travels readable deserves a warning, which does not repeat it', () => {
    const { warnings } = configOf({ PARLEY_PROVIDER_FAR_URL: 'http://10.0.0.1/v1', PARLEY_PROVIDER_FAR_KEY: 'canary' });
    expect(warnings).toEqual(['provider far is called over http: its key and every message travel readable']);
  });

  test('ANTHROPIC_API_KEY makes the provider anthropic, at its own address alone', () => {
    const anthropic = { name: 'anthropic', type: 'anthropic', url: 'https://api.anthropic.com/v1', key: 'sk-1' };
    expect(configOf({ ANTHROPIC_API_KEY: 'sk-1' }).providers).toEqual([anthropic]);
    const elsewhere = { ANTHROPIC_API_KEY: 'sk-1', PARLEY_PROVIDER_ANTHROPIC_URL: 'http://127.0.0.1:1/v1' };
    expect(configOf({ ...elsewhere, PARLEY_PROVIDER_ANTHROPIC_TYPE: 'anthropic' }).providers).toEqual([
      { ...anthropic, url: 'http://127.0.0.1:1/v1', key: null },
    ]);
  });

  test.each([
    [{ GEMINI_TYPE: 'google', GEMINI_KEY: 'k' }, 'google', 'https://generativelanguage.googleapis.com/v1beta'],
    [{ GEMINI_TYPE: 'google', GEMINI_URL: 'http://127.0.0.1:1/v1beta/' }, 'google', 'http://127.0.0.1:1/v1beta'],
    [{ GOOGLE_KEY: 'k' }, 'google', 'https://generativelanguage.googleapis.com/v1beta'],
    [{ GOOGLE_URL: 'http://127.0.0.1:1/v1' }, 'openai-compatible', 'http://127.0.0.1:1/v1'],
    [{ CLAUDE_TYPE: 'anthropic', CLAUDE_KEY: 'k' }, 'anthropic', 'https://api.anthropic.com/v1'],
  ])('%j is of type %s at %s', (given, type, url) => {
    const named = Object.entries(given).map(([name, value]) => [`PARLEY_PROVIDER_${name}`, value]);
    expect(configOf(Object.fromEntries(named)).providers).toMatchObject([{ type, url }]);
  });

  test('a provider of type google has an address without a query', () => {
    const given = {
      PARLEY_PROVIDER_GEMINI_TYPE: 'google',
      PARLEY_PROVIDER_GEMINI_URL: 'https://host/v1beta?key=canary',
    };
    expect(problemsOf(given)).toEqual([
      'PARLEY_PROVIDER_GEMINI_URL must have no ? in it: a provider of type google takes none',
    ]);
  });
});

test('metrics are behind a token or on a port, and not both', () => {
  const token = 'a-token-of-some-length';
  expect(configOf({ PARLEY_METRICS_TOKEN: token }).metrics).toEqual({ kind: 'token', token });
  expect(configOf({ PARLEY_METRICS_PORT: '9100' }).metrics).toEqual({ kind: 'port', port: 9100 });
  expect(problemsOf({ PARLEY_METRICS_TOKEN: token, PARLEY_METRICS_PORT: '9100' })).toEqual([
    'PARLEY_METRICS_PORT is "9100": it cannot be set together with PARLEY_METRICS_TOKEN: choose one',
  ]);
});
