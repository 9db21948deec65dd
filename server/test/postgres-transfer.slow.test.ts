import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { apiClient } from './api-client.ts';
import { commandLine, type Environment } from './command-line.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { testSecret } from './test-database.ts';

/** A workspace moves from SQLite to PostgreSQL and back, and nothing is lost, doubled or changed on the way. */

let parley: ReturnType<typeof commandLine>;
let url: string;
let sqlite: Environment;
let postgres: Environment;

beforeEach(async () => {
  parley = commandLine();
  url = await createDatabase();
  sqlite = { PARLEY_SECRET: testSecret };
  postgres = { PARLEY_SECRET: testSecret, DATABASE_URL: url };
});
afterEach(async () => {
  await parley.cleanUp();
  await dropDatabase(url);
});

const file = (name: string): string => join(parley.folder, name);

/** Runs a command that must succeed. */
const must = async (args: readonly string[], environment: Environment) => {
  const end = await parley.run(args, environment);
  expect(end, end.note).toMatchObject({ code: 0 });
  return end;
};

const keyIn = (output: string): string => /prl_live_\w+/.exec(output)?.[0] ?? '';

const workspaceOf = (): string => {
  const database = new DatabaseSync(join(parley.dataDir, 'parley.db'), { readOnly: true });
  const { id } = database.prepare('select id from workspaces').get() as { id: string };
  database.close();
  return id;
};

/** What the last line says of every table: its rows and their checksum. */
const sumsOf = (name: string): unknown => JSON.parse(readFileSync(file(name), 'utf8').trim().split('\n').at(-1) ?? '');

/** A workspace with a bot that knows something, and a conversation with its user. */
const seed = async () => {
  const server = await parley.serve(sqlite);
  const key = keyIn(server.output());
  const client = apiClient(server.url, key);
  const { body: bot } = await client.send('POST', '/v1/bots', { body: { name: 'Mover', model: 'builtin' } });
  await client.send('POST', `/v1/bots/${bot.id}/sources`, {
    body: { type: 'text', title: 'Opening', text: 'The shop opens at nine. Größe und ß and 漢字 stay as they are.' },
  });
  const ask = (message: string) =>
    client.send('POST', '/v1/chat', {
      headers: { 'idempotency-key': `key of ${message.length}` },
      body: { bot_id: bot.id, user_id: 'ada', message },
    });
  const first = await ask('When does the shop open?');
  expect(first.status).toBe(200);
  await ask('And what about 漢字?');
  return { server, key, client, botId: bot.id as string, conversationId: first.body.conversation_id as string };
};

it('a conversation that began on SQLite goes on on PostgreSQL, and both hold the same', async () => {
  const { server, key, botId, conversationId } = await seed();
  const workspace = workspaceOf();
  await must(['export', '--workspace', workspace, file('one.jsonl')], sqlite);
  await server.end('SIGTERM');
  await must(['import', file('one.jsonl')], postgres);
  await must(['export', '--workspace', workspace, file('two.jsonl')], postgres);
  expect(sumsOf('two.jsonl')).toEqual(sumsOf('one.jsonl'));
  expect(sumsOf('one.jsonl')).toMatchObject({ tables: { messages: { rows: 4 }, turns: { rows: 2 } } });

  const back = { ...sqlite, PARLEY_DATA_DIR: file('back') };
  await must(['migrate'], back);
  await must(['import', file('two.jsonl')], back);
  await must(['export', '--workspace', workspace, file('three.jsonl')], back);
  expect(sumsOf('three.jsonl')).toEqual(sumsOf('one.jsonl'));

  const moved = await parley.serve(postgres);
  expect(keyIn(moved.output())).toBe('');
  const client = apiClient(moved.url, key);
  const next = await client.send('POST', '/v1/chat', {
    body: { bot_id: botId, user_id: 'ada', message: 'When does the shop open?' },
  });
  expect(next.body).toMatchObject({ status: 'completed', conversation_id: conversationId });
  expect(next.body.reply.content).toContain('nine');
  const { body } = await client.send('GET', `/v1/conversations/${conversationId}`);
  expect(body.messages.data.map((message: { content: string }) => message.content).at(-1)).toBe(
    'When does the shop open?',
  );
  expect(body.messages.data).toHaveLength(6);
  // a request that was repeated across the move is answered as before
  const repeated = await client.send('POST', '/v1/chat', {
    headers: { 'idempotency-key': 'key of 24' },
    body: { bot_id: botId, user_id: 'ada', message: 'When does the shop open?' },
  });
  expect(repeated.headers.get('idempotent-replayed')).toBe('true');
  const { messages } = (await client.send('GET', '/v1/usage')).body;
  expect(messages).toMatchObject({ used: 3, reserved: 0 });
});

/** More rows than an import writes before it can be killed. */
const addMessages = (workspace: string, conversationId: string, count: number): void => {
  const database = new DatabaseSync(join(parley.dataDir, 'parley.db'));
  database
    .prepare(
      `insert into messages (workspace_id, conversation_id, seq, id, turn_id, role, text, tokens, created_at)
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ?)
        select ?, ?, 1000 + n, printf('msg_bulk%08d', n), null, 'user', printf('message %d', n), 3, n from numbers`,
    )
    .run(count, workspace, conversationId);
  database.close();
};

it('an import that was killed goes on where it was, without doubles', async () => {
  const { server, conversationId } = await seed();
  await server.end('SIGTERM');
  const workspace = workspaceOf();
  addMessages(workspace, conversationId, 60_000);
  await must(['export', '--workspace', workspace, file('many.jsonl')], sqlite);
  const position = async (): Promise<number> => {
    const [row] = await runSql(url, "select value from instance_settings where name like 'import:%'");
    return Number(row?.['value'] ?? 0);
  };
  for (const target of [4_000, 25_000]) {
    const broken = parley.begin(['import', file('many.jsonl')], postgres);
    await expect.poll(position, { timeout: 60_000, interval: 5 }).toBeGreaterThan(target);
    await broken.end('SIGKILL');
  }
  const reached = await position();
  expect(reached).toBeLessThan(60_000);
  const { note } = await must(['import', file('many.jsonl')], postgres);
  expect(note).toContain(`an earlier import had written ${reached} of them`);
  await must(['export', '--workspace', workspace, file('again.jsonl')], postgres);
  expect(sumsOf('again.jsonl')).toEqual(sumsOf('many.jsonl'));
  const again = await parley.run(['import', file('many.jsonl')], postgres);
  expect(again).toMatchObject({ code: 1 });
  expect(again.note).toContain(`there is something of workspace ${workspace} here already`);
});

it('an export is of one moment although the server goes on', async () => {
  const { server, client, botId } = await seed();
  const workspace = workspaceOf();
  const stopping = new AbortController();
  const chat = async (user: string) => {
    while (!stopping.signal.aborted) {
      await client.send('POST', '/v1/chat', { body: { bot_id: botId, user_id: user, message: 'When?' } });
    }
  };
  const chats = ['a', 'b', 'c'].map(chat);
  for (let round = 0; round < 3; round++) {
    await must(['export', '--workspace', workspace, '--force', file('moving.jsonl')], sqlite);
    const lines = readFileSync(file('moving.jsonl'), 'utf8').trim().split('\n').slice(1, -1);
    const rows = lines.map((line) => JSON.parse(line) as [string, Record<string, unknown>]);
    const of = (table: string) => rows.filter(([name]) => name === table).map(([, row]) => row);
    const charged = of('turns').filter(({ charged: messages }) => messages === 1).length;
    expect(of('quota_ledger')).toHaveLength(charged);
    expect(of('quota_periods').find(({ owner_id: owner }) => owner === workspace)).toMatchObject({ used: charged });
    const replies = of('messages').filter(({ role }) => role === 'assistant').length;
    expect(replies).toBe(of('turns').filter(({ status }) => status === 'completed').length);
  }
  stopping.abort();
  await Promise.all(chats);
  await server.end('SIGTERM');
});
