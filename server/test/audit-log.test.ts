import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';

let server: Server;
beforeAll(async () => {
  server = await boot();
});
afterAll(() => server.close());

const entries = async (query: string): Promise<Record<string, unknown>[]> => {
  const { body } = await server.send('GET', `/v1/audit_log?limit=100&${query}`);
  return body.data as Record<string, unknown>[];
};

describe('the audit log', () => {
  it('has every act of administration, by whom and to what', async () => {
    const bot = await server.makeBot();
    await server.send('PATCH', `/v1/bots/${bot}`, { body: { tone: 'dry' } });
    const source = await server.send('POST', `/v1/bots/${bot}/sources`, {
      body: { type: 'text', title: 'canary-title', text: 'canary-text' },
    });
    await server.send('POST', `/v1/bots/${bot}/sources/${source.body.id}/refresh`);
    await server.send('DELETE', `/v1/bots/${bot}/sources/${source.body.id}`);
    const made = await server.send('POST', '/v1/keys', { body: { name: 'k', scopes: ['chat'] } });
    await server.send('POST', `/v1/keys/${made.body.id}/rotate`);
    await server.send('DELETE', `/v1/keys/${made.body.id}`);
    const chat = await server.send('POST', '/v1/chat', { body: { bot_id: bot, message: 'canary-message' } });
    await server.send('DELETE', `/v1/conversations/${chat.body.conversation_id}`);
    await server.send('DELETE', `/v1/bots/${bot}?confirm=Bot`);
    const log = await entries('');
    expect(log.map(({ action }) => action).toReversed()).toEqual([
      'key.create',
      'bot.create',
      'bot.update',
      'source.create',
      'source.refresh',
      'source.delete',
      'key.create',
      'key.rotate',
      'key.revoke',
      'conversation.delete',
      'bot.delete',
    ]);
    expect(log.slice(0, -1).every(({ actor }) => String(actor).startsWith('key:key_'))).toBe(true);
    expect(JSON.stringify(log)).not.toContain('canary');
  });

  it('is filtered by action, actor and target, and paged', async () => {
    const bot = await server.makeBot();
    expect((await entries(`target=${bot}`)).map(({ action }) => action)).toEqual(['bot.create']);
    expect((await entries('actor=cli')).map(({ action }) => action)).toEqual(['key.create']);
    const created = await entries('action=bot.create');
    const page = await server.send('GET', '/v1/audit_log?action=bot.create&limit=1');
    expect(page.body).toMatchObject({ has_more: true, data: [created[0]] });
    const next = await server.send('GET', `/v1/audit_log?action=bot.create&limit=1&after=${page.body.last_id}`);
    expect(next.body.data).toEqual([created[1]]);
  });

  it('is a chain in which each entry holds the hash of the one before', async () => {
    await Promise.all(Array.from({ length: 20 }, () => server.makeBot()));
    const chain = (await entries('')).toReversed();
    expect(chain.map(({ position }) => position)).toEqual(chain.map((_, at) => at + 1));
    expect(chain.slice(1).map((entry) => entry['previous_hash'])).toEqual(chain.slice(0, -1).map(({ hash }) => hash));
  });

  it('has where a page was refused, once a minute for its key', async () => {
    const { body } = await server.send('POST', '/v1/keys', {
      body: {
        name: 'page',
        type: 'publishable',
        bot_ids: [await server.makeBot()],
        allowed_origins: ['https://shop.example.com'],
      },
    });
    const page = { key: body.secret as string, headers: { origin: 'https://evil.example.com' } };
    for (const path of ['/v1/conversations', '/v1/bots', '/v1/conversations']) await server.send('GET', path, page);
    await expect
      .poll(async () => {
        const refused = await entries(`actor=key:${body.id}`);
        return refused.map(({ target, detail }) => [target, detail]);
      })
      .toEqual([['listConversations', { code: 'origin_not_allowed' }]]);
  });

  it('has what somebody was refused, once a minute for each operation', async () => {
    const { body } = await server.send('POST', '/v1/keys', { body: { name: 'small', scopes: ['chat'] } });
    const actor = `key:${body.id}`;
    for (let count = 0; count < 5; count++) await server.send('GET', '/v1/bots', { key: body.secret });
    await server.send('GET', '/v1/keys', { key: body.secret });
    await expect
      .poll(async () => {
        const refused = await entries(`actor=${actor}`);
        return refused.map(({ action, target }) => `${String(action)} ${String(target)}`).toSorted();
      })
      .toEqual(['access.refuse listBots', 'access.refuse listKeys']);
  });
});
