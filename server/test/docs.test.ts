import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { turnEventSchema } from '@parley/protocol/chat-schemas';
import { type ErrorCode, errorCatalogue } from '@parley/protocol/error-catalogue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { webhookEvents, webhookTestName } from '@parley/protocol/webhook-schemas';
import { builtinPrices } from '../src/config/builtin-prices.ts';
import { readConfig } from '../src/config/config.ts';
import { readEnv } from '../src/config/env.ts';
import { isServiceLink } from '../src/config/service-links.ts';
import { providerParts, variables } from '../src/config/variables.ts';
import { emptyCodes, refusalCodes } from '../src/core/memory/model-refusal.ts';
import { readPriceList } from '../src/core/turn/price-list.ts';
import { builtinCatalogue, parsePlans } from '../src/core/usage/plan-catalogue.ts';
import { retryPausesMs } from '../src/core/webhook/retry-schedule.ts';
import { boot, type Server } from './boot.ts';
import { anchorsOf, blocksOf, codeOf, linksOf, type Page, projectRoot, readPages } from './documentation.ts';
import { findFreePort } from './free-port.ts';
import { curlCommands, readCurl } from './read-curl.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Holds what the pages say to what the program does. */

const pages = readPages();
const pageAt = (path: string): Page => {
  const page = pages.find((each) => each.path === path);
  if (!page) throw new Error(`there is no page ${path}`);
  return page;
};
/** Pages that speak to callers, in the words of the wire. */
const wirePages = pages.filter(({ path }) => path === 'README.md' || path.startsWith('docs/'));

let provider: ScriptedProvider;
let server: Server;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('Send us a picture, please.'));
  server = await boot({ env: { PARLEY_PROVIDER_LOCAL_URL: provider.url } });
  await knowledgeIsReady(server.firstRun?.botId ?? '');
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const knowledgeIsReady = (bot: string) =>
  vi.waitFor(
    async () => {
      const { body } = await server.send('GET', `/v1/bots/${bot}/sources`);
      const waiting = body.data.filter((source: { status: string }) => source.status !== 'ready');
      if (waiting.length > 0) throw new Error(JSON.stringify(waiting));
    },
    { timeout: 10_000 },
  );

describe('links', () => {
  it('of every page point at a file, and at a heading of it, that exist', () => {
    const links = pages.flatMap((page) => linksOf(page).map((link) => ({ from: page.path, ...link })));
    expect(links.length).toBeGreaterThan(20);
    const isThere = ({ file, anchor }: { file: string; anchor: string }): boolean =>
      existsSync(join(projectRoot, file)) && (anchor === '' || anchorsOf(pageAt(file)).includes(anchor));
    expect(links.filter((link) => !isThere(link))).toEqual([]);
  });

  it('lead from the README to every page of docs', () => {
    const reached = new Set<string>(['README.md']);
    for (const path of reached) {
      const page = pages.find((each) => each.path === path);
      for (const { file } of page ? linksOf(page) : []) reached.add(file);
    }
    const docs = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
    expect(docs.length).toBeGreaterThan(5);
    expect(docs.filter((path) => !reached.has(path))).toEqual([]);
  });
});

describe('commands', () => {
  /** What the latest answers have to keep, under the names that the pages use. */
  const note = (latest: Record<string, string>, text: string): void => {
    const json = text.startsWith('{') ? text : (text.match(/(?<=^data: ).*$/gm)?.at(-1) ?? '{}');
    const body = JSON.parse(json) as Record<string, string>;
    if (body['object'] === 'bot') latest['BOT'] = body['id'] ?? '';
    if (body['object'] === 'source') latest['SOURCE'] = body['id'] ?? '';
    if (body['object'] === 'invitation') latest['INVITATION'] = body['token'] ?? '';
    if (body['object'] === 'webhook_endpoint') latest['ENDPOINT'] = body['id'] ?? '';
    if (body['object'] === 'workspace') latest['WORKSPACE'] = body['id'] ?? '';
    if (body['object'] !== 'turn') return;
    latest['TURN'] = body['id'] ?? '';
    latest['CONVERSATION'] = body['conversation_id'] ?? '';
  };

  /** Lines such as `BOT=bot_…`, by which a reader puts an id in place of the dots: they name what it begins with. */
  const assign = (kept: Record<string, string>, latest: Record<string, string>, shell: string): void => {
    for (const [line, name = '', beginning = ''] of shell.matchAll(/^([A-Z]+)=(\w+)…(?: +#.*)?$/gm)) {
      const value = latest[name] ?? '';
      expect(value.startsWith(beginning), `${line}: there is ${value}`).toBe(true);
      kept[name] = value;
    }
  };

  const formOf = (fields: Record<string, string>): FormData => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (value.startsWith('@')) form.append(name, new Blob(['# Wool\n\nBlankets are made of wool.']), value.slice(1));
      else form.append(name, value);
    }
    return form;
  };

  /** Sends the page's commands in their order; gives their number. */
  const sendAll = async (page: Page): Promise<number> => {
    // every page may begin with the two that the quickstart tells its reader to keep, and with an answer
    const kept: Record<string, string> = { KEY: server.key, BOT: server.firstRun?.botId ?? '' };
    const first = await server.send('POST', '/v1/chat', { body: { bot_id: kept['BOT'], message: 'Hi' } });
    const latest: Record<string, string> = { ...kept };
    note(latest, first.text);
    const blocks = blocksOf(page).filter(({ language }) => language === 'sh');
    const steps = blocks.flatMap(({ text }) => {
      const [command, ...others] = curlCommands(text);
      const before = command === undefined ? text : text.slice(0, text.indexOf(command));
      return [before, command, ...others].filter((step) => step !== undefined);
    });
    for (const command of steps) {
      if (!command.startsWith('curl')) {
        assign(kept, latest, command);
        continue;
      }
      const used = [...command.matchAll(/\$([A-Z]+)/g)].map(([, name = '']) => name);
      const stale = used.filter((name) => name in kept && kept[name] !== latest[name]);
      expect(stale, `an earlier one than the page has made: ${command}`).toEqual([]);
      const { method, url, headers, body, form } = readCurl(command, kept);
      expect(url, command).toContain('http://127.0.0.1:8787/');
      if (body !== null) JSON.parse(body);
      const here = url.replace('http://127.0.0.1:8787', server.url);
      const sent = form === null ? body : formOf(form);
      const response = await fetch(here, { method, headers, ...(sent === null ? {} : { body: sent }) });
      const text = await response.text();
      expect(response.ok, `${command}\n${text}`).toBe(true);
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
        expect(text, command).toMatch(/^event: turn\.completed$/m);
      }
      note(latest, text);
      if (url.endsWith('/sources')) await knowledgeIsReady(kept['BOT'] ?? '');
    }
    return steps.filter((step) => step.startsWith('curl')).length;
  };

  it.each([
    ['README.md', 1],
    ['docs/quickstart.md', 12],
    ['docs/knowledge.md', 2],
    ['docs/streaming.md', 3],
    ['docs/browsers.md', 2],
    ['docs/idempotency.md', 1],
    ['docs/administration.md', 4],
    ['docs/memory-and-plans.md', 5],
    ['docs/models.md', 3],
    ['docs/workspaces.md', 7],
    ['docs/webhooks.md', 5],
    ['docs/handoff.md', 5],
  ])('of %s are answered with success', async (path, atLeast) => {
    expect(await sendAll(pageAt(path))).toBeGreaterThanOrEqual(atLeast);
  });

  it('of npm are scripts of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { scripts: object };
    const used = pages.flatMap((page) =>
      codeOf(page).flatMap((code) => [...code.matchAll(/npm run (?:--\S+ )*(?<name>[\w:]+)/g)].map(([, name]) => name)),
    );
    expect(used.length).toBeGreaterThan(5);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(used));
  });

  it('show a prices file, and starts with models, that Parley takes', () => {
    const blocks = blocksOf(pageAt('docs/models.md'));
    const example = blocks.find(({ language }) => language === 'json');
    expect(readPriceList(builtinPrices(), JSON.parse(example?.text ?? '')).own.size).toBe(3);
    const starts = blocks.flatMap(({ text }) => text.replaceAll('\\\n', ' ').match(/^.*npm start$/gm) ?? []);
    expect(starts.length).toBeGreaterThan(5);
    for (const start of starts) {
      const given = [...start.matchAll(/([A-Z_]+)='?([^\s']+)'?/g)].map(([, name, value]) => [
        name,
        value?.replace('…', '1'),
      ]);
      const { providers } = readConfig(readEnv(Object.fromEntries(given)));
      expect(providers, start).toHaveLength(1);
    }
  });

  it('stand beside the plans that are there without a file', () => {
    const { text } = pageAt('docs/memory-and-plans.md');
    const limit = (cell = ''): number | null => (cell.trim() === 'no limit' ? null : Number(cell.replace(',', '')));
    const rows = [...text.matchAll(/^\| `([a-z]+)` +\|((?: +(?:[\d,]+|no limit) +\|){5})$/gm)].map(
      ([, name, cells]) => {
        const [messagesPerMonth, requestsPerMinute, bots, memoryMessages, concurrentStreams] =
          cells?.split('|').map(limit) ?? [];
        return { name, messagesPerMonth, warnAt: null, requestsPerMinute, bots, memoryMessages, concurrentStreams };
      },
    );
    expect(rows).toEqual([...builtinCatalogue.plans.values()]);
    expect(rows[0]).toEqual(builtinCatalogue.defaultPlan);
  });

  it('show a plans file that Parley takes', () => {
    const example = blocksOf(pageAt('docs/memory-and-plans.md')).find(({ language }) => language === 'json');
    expect(parsePlans(JSON.parse(example?.text ?? '')).defaultPlan.name).toBe('starter');
  });
});

describe('the JavaScript reader of docs/streaming.md', () => {
  type Told = { event: string; data: { text: string; reply: { content: string } } };

  /** Runs the code of the page in a process of its own; resolves with what it gave, once it has ended. */
  const read = async (url: string, key: string, bot: string): Promise<Told[]> => {
    const [reader = ''] = blocksOf(pageAt('docs/streaming.md'))
      .filter(({ language }) => language === 'js')
      .map(({ text }) => text);
    const program = `${reader}
      const [url, key, bot_id] = process.argv.slice(1);
      for await (const event of streamReply(url, key, { bot_id, message: 'How do I stream a reply?' })) {
        console.log(JSON.stringify(event));
      }`;
    const args = ['--input-type=module', '--eval', program, '--', url, key, bot];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
  };

  const textOf = (events: readonly Told[]): string[] =>
    events.filter(({ event }) => event === 'reply.delta').map(({ data }) => data.text);

  it('gives the events of a reply', async () => {
    const events = await read(server.url, server.key, server.firstRun?.botId ?? '');
    const text = textOf(events);
    expect(text.length).toBeGreaterThan(1);
    expect(events.at(-1)).toMatchObject({ event: 'turn.completed', data: { reply: { content: text.join('') } } });
  });

  it('goes on where the server is started anew in the middle of the turn', async () => {
    const model = await startScriptedProvider(() => {});
    const options = {
      providerUrl: model.url,
      env: { PARLEY_PORT: String(await findFreePort()), PARLEY_DRAIN_MS: '0' },
    };
    const first = await boot(options);
    const events = read(first.url, first.key, await first.makeBot());
    await expect.poll(() => model.calls.length).toBe(1);
    model.use(saying('We ship to Batumi.'));
    await first.stop();
    const second = await boot({ ...options, dataDir: first.dataDir });
    try {
      expect(textOf(await events).join('')).toBe('We ship to Batumi.');
      expect((await events).at(-1)).toMatchObject({ event: 'turn.completed' });
    } finally {
      await second.close();
      await model.close();
    }
  });

  it('waits as it is told by a server that is busy or stops, and tries on as long as it gets on', async () => {
    const asked: string[] = [];
    const turn = { turn_id: 'turn_1' };
    const pieces = 8;
    const far = createServer((request, response) => {
      const seen = String(request.headers['last-event-id'] ?? '');
      asked.push(`${request.method} ${request.url} ${seen}`.trim());
      const place = Number(seen.split('-')[1] ?? 0);
      // every other call is refused, and every stream breaks off behind one event
      const refused = asked.length % 2 === 1;
      if (refused) response.writeHead(asked.length % 4 === 1 ? 503 : 429, { 'retry-after': '0' }).end('{}');
      else {
        const event = place === 0 ? 'turn.started' : place < pieces ? 'reply.delta' : 'turn.completed';
        const data = JSON.stringify(place === 0 ? turn : { text: `${place} ` });
        response.writeHead(200, { 'content-type': 'text/event-stream', 'retry-after': '0' });
        response.write(`id: 1-${place + 1}\nevent: ${event}\ndata: ${data}\n\n`, () => response.destroy());
      }
    });
    far.listen(0, '127.0.0.1');
    await once(far, 'listening');
    try {
      const { port } = far.address() as AddressInfo;
      const events = await read(`http://127.0.0.1:${port}`, 'key', 'bot');
      expect(textOf(events).join('')).toBe('1 2 3 4 5 6 7 ');
      expect(events.at(-1)?.event).toBe('turn.completed');
      expect(asked.slice(0, 4)).toEqual([
        'POST /v1/chat',
        'POST /v1/chat',
        ...Array(2).fill('GET /v1/turns/turn_1/stream 1-1'),
      ]);
    } finally {
      far.close();
    }
  });
});

describe('names', () => {
  const inCode = (pattern: RegExp, among: readonly Page[] = pages): string[] => [
    ...new Set(among.flatMap((page) => codeOf(page).flatMap((code) => code.match(pattern) ?? []))),
  ];

  it('of stream events are those of the protocol, and docs/streaming.md has them all', () => {
    const known = turnEventSchema.options.map((option) => option.shape.event.value);
    const mentioned = inCode(/\b(?:turn|reply|tool)\.(?!id\b)[a-z_]+\b/g, wirePages);
    expect(mentioned.length).toBeGreaterThan(5);
    expect(known).toEqual(expect.arrayContaining(mentioned));
    const table = [...pageAt('docs/streaming.md').text.matchAll(/^\| `([a-z.]+)` /gm)].map(([, name]) => name);
    expect(new Set(table)).toEqual(new Set(known));
    expect(table).toHaveLength(known.length);
  });

  it('of webhooks, and their pauses, are those that the program has', () => {
    const page = pageAt('docs/webhooks.md');
    const events = [...page.text.matchAll(/^\| `([a-z.]+)` /gm)].map(([, name]) => name);
    expect(events).toEqual([...Object.keys(webhookEvents), webhookTestName]);
    const unitsMs: Record<string, number> = { s: 1_000, min: 60_000, h: 3_600_000 };
    const pauses = [...page.text.matchAll(/^\| \d+ +\| (\d+) (s|min|h) /gm)].map(
      ([, count, unit]) => Number(count) * (unitsMs[unit ?? ''] ?? 0),
    );
    expect(pauses).toEqual(retryPausesMs);
  });

  it('of errors stand beside the status that they have', () => {
    const pairs = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\b([45]\d\d) `([a-z_]+)`/g)].map(([, status, code]) => [path, code, Number(status)] as const),
    );
    expect(pairs.length).toBeGreaterThan(5);
    for (const [path, code, status] of pairs) {
      expect(errorCatalogue[code as ErrorCode]?.status, `${path}: ${status} ${code}`).toBe(status);
    }
  });

  it('in snake_case are fields, values or error codes of the API', async () => {
    const { text } = await server.send('GET', '/openapi.json', { key: null });
    const known = new Set([
      ...(text.match(/[a-z]+(?:_[a-z0-9]+)+/g) ?? []),
      ...Object.entries(errorCatalogue).flatMap(([code, { type }]) => [code, type]),
      // of PostgreSQL
      'synchronous_commit',
      'statement_timeout',
      'lock_timeout',
      'idle_in_transaction_session_timeout',
      'pg_dump',
      'pg_restore',
      'maintenance_work_mem',
      'search_path',
      'vector_neighbours',
      // of the log
      ...Object.values(emptyCodes),
      ...Object.values(refusalCodes),
      // fields of the prices file
      ...(JSON.stringify(builtinPrices()).match(/[a-z]+(?:_[a-z0-9]+)+/g) ?? []),
    ]);
    const mentioned = inCode(/(?<![\w-])[a-z]+(?:_[a-z0-9]+)+(?![\w…/-])/g, wirePages);
    expect(mentioned.length).toBeGreaterThan(30);
    // of the metrics, which metrics.test.ts holds to the page
    const metrics = /^(?:parley|nodejs|process)_|^(?:given_up|context_too_long|rule_files)$/;
    const ids = /^(?:req|prl)_/;
    expect(mentioned.filter((name) => !known.has(name) && !ids.test(name) && !metrics.test(name))).toEqual([]);
  });

  it('of routes are in the description of the API', async () => {
    const { body } = await server.send('GET', '/openapi.json', { key: null });
    const anonymous = (path: string): string => path.replaceAll(/\{[^}]*\}/g, '{}');
    const known = Object.entries<object>(body.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${anonymous(path)}`),
    );
    const mentioned = inCode(/\b(?:GET|POST|PATCH|DELETE) \/v1\/[^\s`?]*/g);
    expect(mentioned.length).toBeGreaterThan(1);
    expect(known).toEqual(expect.arrayContaining(mentioned.map(anonymous)));
  });

  it('of variables are read by the configuration', () => {
    const isProvider = new RegExp(`^PARLEY_PROVIDER_[A-Z]+_(?:${providerParts.join('|')})$`);
    const mentioned = inCode(/\bPARLEY_[A-Z_]+[A-Z]\b(?![_<])/g);
    expect(mentioned.length).toBeGreaterThan(10);
    const isRead = (name: string): boolean => name in variables || isProvider.test(name) || isServiceLink(name);
    expect(mentioned.filter((name) => !isRead(name))).toEqual([]);
  });

  it('of files and folders in ARCHITECTURE.md exist, and no room of the server is left out', () => {
    const page = pageAt('ARCHITECTURE.md');
    const isThere = (path: string): boolean =>
      ['.', 'server/src'].some((base) => existsSync(join(projectRoot, base, path)));
    const tree = blocksOf(page).flatMap(({ text }) => text.match(/^\S+/gm) ?? []);
    const spans = codeOf(page).filter((code) => /^[\w./-]+(?:\/|\.ts)$/.test(code));
    expect(tree.length).toBeGreaterThan(10);
    expect([...tree, ...spans].filter((path) => !isThere(path))).toEqual([]);
    const rooms = readdirSync(join(projectRoot, 'server/src')).filter((name) => !name.endsWith('.test.ts'));
    expect(rooms.filter((name) => !tree.some((path) => path.replace(/\/$/, '') === `server/src/${name}`))).toEqual([]);
  });
});
