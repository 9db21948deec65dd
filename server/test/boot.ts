import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';
import { readEnv } from '../src/config/env.ts';
import { loadSecrets } from '../src/config/secrets.ts';
import { type FirstRun, setUpInstallation } from '../src/core/demo/set-up-installation.ts';
import { systemClock } from '../src/kit/clock.ts';
import { openSqliteStore } from '../src/store/sqlite/database.ts';

/** What one plan of the plans file holds. */
export type PlanFile = Record<string, number | null>;

export const noLimits: PlanFile = {
  messages_per_month: null,
  requests_per_minute: null,
  bots: null,
  memory_messages: 30,
  concurrent_streams: null,
};

export type BootOptions = {
  /** Continues on the data of an earlier boot. */
  dataDir?: string;
  /** The plan every workspace is on. */
  plan?: PlanFile;
  /** `PARLEY_…` variables. */
  env?: Record<string, string>;
  /** The provider `test`, so that bots may name `test/any`. */
  providerUrl?: string;
};

/**
 * The real program on a real database in a directory of its own, listening on a free port, with every answer checked
 * against its schema.
 */
export const boot = async (options: BootOptions = {}) => {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-test-')));
  const plansPath = join(dataDir, 'plans.json');
  await writeFile(plansPath, JSON.stringify({ default: 'test', plans: { test: { ...noLimits, ...options.plan } } }));
  const config = readConfig(
    readEnv({
      PARLEY_PORT: '0',
      PARLEY_DATA_DIR: dataDir,
      PARLEY_PLANS: plansPath,
      ...(options.providerUrl === undefined ? {} : { PARLEY_PROVIDER_TEST_URL: options.providerUrl }),
      ...options.env,
    }),
  );
  const secrets = loadSecrets(config.secret, { create: true });
  const firstRun = await prepare(config.store.path, Buffer.from(secrets.keyFor('key-pepper')));
  const logged: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'debug' },
    { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const app = createApp(config, secrets, { logger, validateResponses: true });
  const { url } = await app.start();
  const defaultKey = firstRun?.secret ?? '';

  /** Sends a request with the first key unless told otherwise; a body may be text as it is. */
  const send = async (method: string, path: string, request: Sending = {}): Promise<Answer> => {
    const response = await fetch(url + path, requestOf(method, request, defaultKey));
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };

  /** Opens an event stream. */
  const open = async (method: string, path: string, request: Sending = {}): Promise<EventReader> => {
    const abort = new AbortController();
    const response = await fetch(url + path, { ...requestOf(method, request, defaultKey), signal: abort.signal });
    return readEvents(response, abort);
  };

  return {
    url,
    dataDir,
    firstRun,
    key: defaultKey,
    logged,
    send,
    open,
    /** A bot of its own, with the test provider's model unless told otherwise. */
    async makeBot(fields: Record<string, unknown> = {}): Promise<string> {
      const body = { name: 'Bot', model: options.providerUrl === undefined ? 'builtin' : 'test/any', ...fields };
      const { status, body: bot, text } = await send('POST', '/v1/bots', { body });
      if (status !== 201) throw new Error(text);
      return bot.id as string;
    },
    stop: () => app.stop(),
    async close(): Promise<void> {
      await app.stop();
      await rm(dataDir, { recursive: true });
    },
  };
};

export type Server = Awaited<ReturnType<typeof boot>>;

const prepare = async (path: string, pepper: Buffer): Promise<FirstRun | null> => {
  const store = await openSqliteStore({ path, migrate: true });
  try {
    return await setUpInstallation(store.transact, { pepper, clock: systemClock, defaultModel: 'builtin' });
  } finally {
    await store.close();
  }
};

export type Sending = { key?: string | null; body?: unknown; headers?: Record<string, string> };

export type Answer = {
  status: number;
  headers: Headers;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  body: any;
};

const requestOf = (method: string, request: Sending, defaultKey: string): RequestInit => {
  const key = request.key === undefined ? defaultKey : request.key;
  const { body } = request;
  return {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type StreamEvent = { id: string; event: string; data: any };

export type EventReader = {
  response: Response;
  /** What has come so far. */
  events: StreamEvent[];
  /** The bytes as they came. */
  raw(): string;
  /** Resolves with the first event of this name, whether it has come or is to come. */
  until(name: string): Promise<StreamEvent>;
  /** Resolves when the stream has ended. */
  done: Promise<void>;
  /** Cuts the connection. */
  cut(): void;
};

const readEvents = (response: Response, abort: AbortController): EventReader => {
  const events: StreamEvent[] = [];
  let raw = '';
  let unread = '';
  let wake: (() => void)[] = [];
  let ended = false;
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of response.body ?? []) {
        const text = decoder.decode(bytes as Uint8Array, { stream: true });
        raw += text;
        unread += text;
        const frames = unread.split('\n\n');
        unread = frames.pop() ?? '';
        events.push(...frames.flatMap(parseFrame));
        for (const resume of wake.splice(0)) resume();
      }
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      ended = true;
      for (const resume of wake) resume();
      wake = [];
    }
  };
  const done = read();
  return {
    response,
    events,
    raw: () => raw,
    async until(name) {
      for (;;) {
        const found = events.find((event) => event.event === name);
        if (found) return found;
        if (ended) throw new Error(`the stream ended without ${name}: ${raw.slice(-500)}`);
        await new Promise<void>((resolve) => {
          wake.push(resolve);
        });
      }
    },
    done,
    cut: () => abort.abort(),
  };
};

const parseFrame = (frame: string): StreamEvent[] => {
  const fields = new Map(
    frame
      .split('\n')
      .map((line) => /^([a-z]+): (.*)$/.exec(line))
      .filter((match) => match !== null)
      .map((match) => [match[1], match[2]]),
  );
  const name = fields.get('event');
  return name === undefined
    ? []
    : [{ id: fields.get('id') ?? '', event: name, data: JSON.parse(fields.get('data') ?? 'null') as unknown }];
};
