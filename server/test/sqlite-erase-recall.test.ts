import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packConversation } from '../src/core/recall/pack-conversation.ts';
import { botDefaults } from '../src/core/bot/bot-defaults.ts';
import { openStore } from '../src/store/open-store.ts';
import { boot, type Server } from './boot.ts';
import { foundInFiles } from './database-files.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** The index for recall holds numbers made of a person's words: they are as personal as the words are. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;

beforeEach(async () => {
  provider = await startScriptedProvider(saying('Good day.'));
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot();
});
afterEach(async () => {
  await server.stop();
  await provider.close();
  await rm(server.dataDir, { recursive: true });
});

/** Words of a person's own, so many that no other segment has the same bytes. */
const wordsOf = (who: string, round: number): string =>
  Array.from({ length: 30 }, (_, index) => `${who}${round}word${index}`).join(' ');

/** A long conversation of the user; gives its id. */
const talk = async (who: string): Promise<string> => {
  const { body } = await server.send('POST', '/v1/conversations', { body: { bot_id: bot, user_id: who } });
  for (let part = 0; part < 4; part++) {
    const messages = Array.from({ length: 20 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: wordsOf(who, part * 20 + index),
    }));
    await server.send('POST', `/v1/conversations/${body.id}/messages`, { body: { messages } });
  }
  return body.id as string;
};

/** Packs the conversation as the job does, while the server is away. */
const pack = async (conversationId: string): Promise<void> => {
  const store = await openStore({ kind: 'sqlite', path: join(server.dataDir, 'parley.db') }, { migrate: true });
  try {
    const rows = await server.query(`select workspace_id from conversations where id = '${conversationId}'`);
    const workspaceId = String(rows[0]?.['workspace_id']);
    const conversation = await store.readers.conversations.find(workspaceId, conversationId);
    const memory = await store.transact(({ memories }) => memories.open(workspaceId, conversationId, 1));
    if (!conversation || !memory) throw new Error('the conversation is missing');
    const config = { ...botDefaults('builtin'), name: 'Bot' };
    const parts = { memories: store.readers.memories, transact: store.transact, clock: Date.now };
    await packConversation(parts)(
      {
        conversation,
        bot: { id: bot, workspaceId, version: 1, createdAt: 1, updatedAt: 1, quotas: null, config },
        memory,
        window: 10,
        settledBefore: await store.readers.memories.settledBefore(workspaceId, conversationId),
      },
      new AbortController().signal,
    );
  } finally {
    await store.close();
  }
};

/** Pieces of every segment of a conversation, out of the part where its terms stand. */
const piecesOf = async (conversationId: string): Promise<Buffer[]> => {
  const rows = (await server.query(
    `select packed from recall_segments where conversation_id = '${conversationId}'`,
  )) as { packed: Uint8Array }[];
  return rows.flatMap(({ packed }) =>
    [0.1, 0.25, 0.4].map((part) => {
      const at = Math.floor(packed.length * part);
      return Buffer.from(packed.subarray(at, at + 24));
    }),
  );
};

const countFound = async (pieces: readonly Buffer[]): Promise<number> => (await foundInFiles(server, pieces)).length;

it('not a byte of the index of an erased person is left in the files, and all of their neighbour', async () => {
  const erased = await talk('erased');
  const neighbour = await talk('neighbour');
  await server.stop();
  await pack(erased);
  await pack(neighbour);
  const ofErased = await piecesOf(erased);
  const ofNeighbour = await piecesOf(neighbour);
  expect(ofErased.length).toBeGreaterThanOrEqual(6);
  expect(await countFound(ofErased)).toBe(ofErased.length);
  const before = server;
  server = await boot({ providerUrl: provider.url, dataDir: before.dataDir });
  const asking = { key: before.key };
  const { body } = await server.send('DELETE', '/v1/users/erased', asking);
  const status = async () => (await server.send('GET', `/v1/erasures/${body.id}`, asking)).body.status;
  await expect.poll(status).toBe('completed');
  expect(await countFound(ofErased)).toBe(0);
  expect(await countFound(ofNeighbour)).toBe(ofNeighbour.length);
});
