import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';

let server: Server;
beforeAll(async () => {
  server = await boot();
});
afterAll(async () => {
  await server.close();
});

const staff = 'Nino of the warehouse';
const note = 'pays late';

it('a visitor is shown nowhere who of the staff has answered, nor what servers note', async () => {
  const origin = 'https://shop.example';
  const { body: made } = await server.send('POST', '/v1/keys', {
    body: { name: 'page', type: 'publishable', bot_ids: [await server.makeBot()], allowed_origins: [origin] },
  });
  const key = made.secret as string;
  const first = await server.send('POST', '/v1/chat', { key, headers: { origin }, body: { message: 'Hello' } });
  const headers = { origin, 'parley-visitor-token': first.headers.get('parley-visitor-token') ?? '' };
  const conversation = `/v1/conversations/${first.body.conversation_id}`;
  const taken = { status: 'human', assignee: staff, metadata: { note } };
  expect((await server.send('PATCH', conversation, { body: taken })).body).toMatchObject(taken);

  const stream = await server.open('POST', '/v1/chat', {
    key,
    headers,
    body: { message: 'Is it here?', stream: true },
  });
  const { data: started } = await stream.until('turn.started');
  const turn = `/v1/turns/${started.turn_id}`;
  await expect.poll(async () => (await server.send('GET', turn)).body.finish_reason).toBe('human');
  const reply = await server.send('POST', `${conversation}/reply`, { body: { content: 'It is.', author: staff } });
  expect(reply.body.metadata).toEqual({ author: staff });
  const { data: told } = await stream.until('turn.completed');
  await stream.done;

  expect((await server.send('GET', turn)).body.reply.metadata).toEqual({ author: staff });
  const resumed = await server.open('GET', `${turn}/stream`, { key, headers });
  await resumed.done;
  const shown = [
    stream.raw(),
    resumed.raw(),
    (await server.send('GET', turn, { key, headers })).text,
    (await server.send('POST', `${turn}/cancel`, { key, headers })).text,
    (await server.send('GET', conversation, { key, headers })).text,
    (await server.send('GET', `${conversation}/messages`, { key, headers })).text,
    (await server.send('GET', '/v1/conversations', { key, headers })).text,
  ];
  expect(told.reply).toMatchObject({ role: 'human', content: 'It is.' });
  expect(shown.filter((text) => !text.includes(first.body.conversation_id as string))).toEqual([]);
  expect(shown.filter((text) => text.includes(staff) || text.includes(note))).toEqual([]);
});
