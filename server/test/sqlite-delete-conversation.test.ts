import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { foundInFiles } from './database-files.ts';

/** What the files of the database hold of conversations and answers that are gone: nothing, while the server runs. */

let server: Server;
let bot: string;

beforeEach(async () => {
  server = await boot();
  bot = await server.makeBot();
});
afterEach(() => server.close());

const monthAgo = Date.now() - 30 * 24 * 60 * 60 * 1_000;

/** A conversation so long that pages of the database fill up and part. */
const talk = async (word: string): Promise<string> => {
  const made = await server.send('POST', '/v1/conversations', { body: { bot_id: bot } });
  for (let part = 0; part < 4; part++) {
    const messages = Array.from({ length: 100 }, (_, at) => ({
      role: 'user',
      content: `${word} ${part}-${at} ${'words '.repeat((at * 31) % 83)}`,
    }));
    await server.send('POST', `/v1/conversations/${made.body.id}/messages`, { body: { messages } });
  }
  return made.body.id as string;
};

const jobs = (kind: string) => server.query(`select 1 from jobs where kind = '${kind}'`);
const messagesOf = (conversationId: string) =>
  server.query(`select 1 from messages where conversation_id = '${conversationId}'`);

/** Changes what is kept, and waits until everything else is removed. */
const keepOnly = async (settings: Record<string, number>): Promise<void> => {
  await server.send('PATCH', '/v1/workspace/settings', { body: settings });
  await expect.poll(() => jobs('enforce-retention')).toEqual([]);
};

/** The round that comes every five minutes. */
const pruneExpiredNow = async (): Promise<void> => {
  await server.write(`insert into jobs (id, workspace_id, kind, payload, status, run_at, fence, attempts, created_at)
    values ('job_now', null, 'prune-expired', '{}', 'waiting', 0, 0, 0, 0)`);
  await expect.poll(() => jobs('prune-expired')).toEqual([]);
};

/** Waits until the traces are asked to be erased, and has it done now: more is waited for in the meantime. */
const eraseTracesNow = async (): Promise<void> => {
  await expect.poll(() => jobs('erase-traces')).toHaveLength(1);
  await server.write("update jobs set run_at = 0 where kind = 'erase-traces'");
  await expect.poll(() => jobs('erase-traces')).toEqual([]);
};

it('of a deleted one', async () => {
  const [deleted] = [await talk('DELETED'), await talk('KEPT')];
  await server.send('DELETE', `/v1/conversations/${deleted}`);
  await expect.poll(() => jobs('purge-conversation')).toEqual([]);
  expect(await messagesOf(deleted)).toEqual([]);
  expect(await foundInFiles(server, ['DELETED'])).toEqual(['DELETED']);
  await eraseTracesNow();
  expect(await foundInFiles(server, ['DELETED', 'KEPT'])).toEqual(['KEPT']);
});

it('of one that was silent for too long', async () => {
  const [silent] = [await talk('SILENT'), await talk('KEPT')];
  await server.write(`update conversations set updated_at = ${monthAgo} where id = '${silent}';
    update messages set created_at = ${monthAgo} where conversation_id = '${silent}'`);
  await keepOnly({ retention_days: 7 });
  expect(await messagesOf(silent)).toEqual([]);
  expect(await foundInFiles(server, ['SILENT'])).toEqual(['SILENT']);
  await eraseTracesNow();
  expect(await foundInFiles(server, ['SILENT', 'KEPT'])).toEqual(['KEPT']);
});

it('of messages that were too old', async () => {
  const [pruned] = [await talk('PRUNED'), await talk('KEPT')];
  await server.write(`update messages set created_at = ${monthAgo} where conversation_id = '${pruned}'`);
  await keepOnly({ retention_days: 7 });
  expect(await messagesOf(pruned)).toEqual([]);
  expect(await foundInFiles(server, ['PRUNED'])).toEqual(['PRUNED']);
  await eraseTracesNow();
  expect(await foundInFiles(server, ['PRUNED', 'KEPT'])).toEqual(['KEPT']);
});

it('of an answer that was kept for a repeated request, longer than the message it tells of', async () => {
  const conversation = await talk('LONG AGO');
  for (let at = 0; at < 40; at++) {
    const word = at < 20 ? 'EXPIRED' : 'YOUNG';
    await server.send('POST', `/v1/conversations/${conversation}/messages`, {
      body: { messages: [{ role: 'user', content: `${word} ${'words '.repeat((at * 31) % 83)}` }] },
      headers: { 'idempotency-key': `${at}` },
    });
  }
  const old = "from idempotency_keys where instr(body, 'EXPIRED') > 0";
  await keepOnly({ max_messages_per_conversation: 20 });
  expect(await messagesOf(conversation)).toHaveLength(20);
  await eraseTracesNow();
  expect(await server.query(`select 1 ${old}`)).toHaveLength(20);
  await server.write("update idempotency_keys set expires_at = 1 where instr(body, 'EXPIRED') > 0");
  await pruneExpiredNow();
  expect(await server.query(`select 1 ${old}`)).toEqual([]);
  expect(await foundInFiles(server, ['EXPIRED'])).toEqual(['EXPIRED']);
  await eraseTracesNow();
  expect(await foundInFiles(server, ['LONG AGO', 'EXPIRED', 'YOUNG'])).toEqual(['YOUNG']);
});

it('is not looked for where a round has removed nothing', async () => {
  await talk('KEPT');
  await keepOnly({ retention_days: 7, max_messages_per_conversation: 1_000 });
  await pruneExpiredNow();
  expect(await jobs('erase-traces')).toEqual([]);
});
