/** Every variable that Parley reads. `docs/configuration.md` is held equal to this table by a test. */

export type Variable = {
  /** As it stands in the documentation; null where leaving it out means "none". */
  readonly initial: string | null;
  /** Its value is never repeated, in an error or anywhere else. */
  readonly secret?: true;
};

export const variables = {
  PARLEY_HOST: { initial: '127.0.0.1' },
  PARLEY_PORT: { initial: '8787' },
  PARLEY_DATA_DIR: { initial: './data' },
  PARLEY_SECRET: { initial: null, secret: true },
  PARLEY_SECRET_PREVIOUS: { initial: null, secret: true },
  PARLEY_LOG: { initial: 'info' },
  PARLEY_PLANS: { initial: null },
  PARLEY_DEFAULT_MODEL: { initial: 'builtin' },
  PARLEY_PRICES: { initial: null },
  PARLEY_METRICS_TOKEN: { initial: null, secret: true },
  PARLEY_METRICS_PORT: { initial: null },
  PARLEY_MAX_MESSAGE_CHARACTERS: { initial: '16000' },
  PARLEY_BODY_LIMIT_BYTES: { initial: '4194304' },
  PARLEY_JSON_WAIT_MS: { initial: '120000' },
  PARLEY_MODEL_CONNECT_TIMEOUT_MS: { initial: '5000' },
  PARLEY_MODEL_FIRST_TOKEN_TIMEOUT_MS: { initial: '30000' },
  PARLEY_MODEL_IDLE_TIMEOUT_MS: { initial: '20000' },
  PARLEY_MODEL_TOTAL_TIMEOUT_MS: { initial: '300000' },
  PARLEY_EMBEDDINGS: { initial: null },
  PARLEY_EMBEDDINGS_DIMENSIONS: { initial: null },
  PARLEY_EMBEDDINGS_TIMEOUT_MS: { initial: '500' },
  PARLEY_EMBEDDINGS_MEMORY_MB: { initial: '256' },
  PARLEY_PGVECTOR: { initial: 'auto' },
  PARLEY_LEASE_MS: { initial: '10000' },
  PARLEY_TURN_LOG_RETENTION_S: { initial: '3600' },
  PARLEY_DRAIN_MS: { initial: '25000' },
  PARLEY_TRUSTED_PROXIES: { initial: null },
  PARLEY_VISITOR_REQUESTS_PER_MINUTE: { initial: '120' },
  PARLEY_VISITOR_MESSAGES_PER_DAY: { initial: '200' },
  PARLEY_ADDRESS_REQUESTS_PER_MINUTE: { initial: '600' },
  PARLEY_ADDRESS_MESSAGES_PER_DAY: { initial: '2000' },
  PARLEY_ADDRESS_VISITORS_PER_DAY: { initial: '200' },
  PARLEY_BOT_REQUESTS_PER_MINUTE: { initial: '6000' },
  PARLEY_BOT_MESSAGES_PER_DAY: { initial: '50000' },
  PARLEY_MAX_FILE_BYTES: { initial: '20000000' },
  PARLEY_MAX_SOURCE_PAGES: { initial: '1000' },
  PARLEY_CRAWL_DELAY_MS: { initial: '500' },
  PARLEY_OUTBOUND_ALLOW: { initial: null },
  PARLEY_OUTBOUND_PORTS: { initial: null },
  PARLEY_DATABASE_CONNECTIONS: { initial: '10' },
  PARLEY_MODE: { initial: 'production' },
  PARLEY_FAILPOINT: { initial: null },
  PARLEY_SQLITE_SYNC: { initial: 'full' },
  OPENAI_API_KEY: { initial: null, secret: true },
  ANTHROPIC_API_KEY: { initial: null, secret: true },
  DATABASE_URL: { initial: null, secret: true },
  REDIS_URL: { initial: null, secret: true },
} as const satisfies Readonly<Record<string, Variable>>;

export type VariableName = keyof typeof variables;

/** What one provider may have, as the last part of `PARLEY_PROVIDER_<NAME>_…`. */
export const providerParts = ['TYPE', 'URL', 'KEY'] as const;

export type ProviderPart = (typeof providerParts)[number];
