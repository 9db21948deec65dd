import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { operationsOf, readDescription } from './fuzz/operation.ts';

let server: Server;
let page: { key: string; headers: Record<string, string> };
beforeAll(async () => {
  server = await boot();
  const origin = 'https://shop.example';
  const { body } = await server.send('POST', '/v1/keys', {
    body: { name: 'page', type: 'publishable', bot_ids: [await server.makeBot()], allowed_origins: [origin] },
  });
  page = { key: body.secret as string, headers: { origin } };
});
afterAll(async () => {
  await server.close();
});

const large = JSON.stringify({ x: 'x'.repeat(600_000) });

describe('a body that anybody may send', () => {
  it('is read up to what its route has a use for', async () => {
    const operations = operationsOf(await readDescription(server.url));
    const answers: Record<string, string> = {};
    for (const { method, path, operationId } of operations) {
      if (!['POST', 'PATCH', 'DELETE'].includes(method.toUpperCase())) continue;
      const filled = path.replaceAll(/\{(\w+)_id\}/g, (_whole, noun: string) => `${noun}_${'0'.repeat(26)}`);
      const { body } = await server.send(method, filled, { ...page, body: large });
      if (body.error.code !== 'insufficient_scope') answers[operationId] = body.error.code;
    }
    expect(answers).toEqual({
      acceptInvitation: 'body_too_large',
      cancelTurn: 'body_too_large',
      giveFeedback: 'body_too_large',
      renewEmbedToken: 'body_too_large',
      sendMessage: 'body_too_large',
    });
  });

  it('may be a message of the greatest length with all its pairs, in its longest spelling', async () => {
    const spelled = (length: number): string => '\\u0444'.repeat(length);
    const pairs = Array.from({ length: 16 }, (_pair, at) => `"${spelled(62)}${at + 10}":"${spelled(512)}"`).join();
    const body = `{"message":"${spelled(16_000)}","context":{${pairs}},"metadata":{${pairs}}}`;
    const { status } = await server.send('POST', '/v1/chat', { ...page, body });
    expect(status).toBe(200);
  });
});
