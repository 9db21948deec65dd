import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';

let server: Server;
beforeAll(async () => {
  server = await boot();
});
afterAll(async () => {
  await server.close();
});

/** More than the buffers of two sockets take, so that an export whose reader takes nothing goes on. */
const messages = Array.from({ length: 450 }, () => ({ role: 'user', content: 'x'.repeat(16_000) }));

/** An export whose reader takes its head and then nothing. */
const holdExport = (path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${server.key}` };
    get(server.url + path, { headers, agent: false }, (response) => resolve(response.pause())).on('error', reject);
  });

it('whoever reads exports slowly holds up their own workspace and no other', async () => {
  const { body: client } = await server.send('POST', '/v1/workspaces', { body: { name: 'Other' } });
  const headers = { 'parley-workspace': client.id as string };
  await server.send('PATCH', '/v1/users/small', { headers, body: { traits: { a: 'b' } } });
  const { body: conversation } = await server.send('POST', '/v1/conversations', {
    body: { bot_id: await server.makeBot(), user_id: 'large' },
  });
  const imported = await server.send('POST', `/v1/conversations/${conversation.id}/messages`, { body: { messages } });
  expect(imported.status).toBe(201);

  const held = await Promise.all([holdExport('/v1/users/large/export'), holdExport('/v1/users/large/export')]);
  expect(held.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  expect((await server.send('GET', '/v1/users/large/export')).body.error.code).toBe('overloaded');
  expect((await server.send('GET', '/v1/users/small/export', { headers })).text).toContain('"export_end"');

  for (const response of held) response.destroy();
  await expect.poll(async () => (await server.send('GET', '/v1/users/large/export')).status).toBe(200);
});
