import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The far side of the network: a provider of the OpenAI dialect that knows some keys, lists its models to them and answers
 * every message with a text of its own. It repeats wrong keys in its refusals, as some do.
 */
export const startKeyedProvider = async (keys: readonly string[], reply: string) => {
  const known = new Set(keys);
  /** Path and key of every request, in order. */
  const seen: { path: string; key: string }[] = [];
  const server = createServer((request, response) => {
    const key = (request.headers.authorization ?? '').replace('Bearer ', '');
    const path = request.url ?? '';
    seen.push({ path, key });
    request.resume();
    request.on('end', () => {
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (!known.has(key)) answer(401, { error: { message: `no such key: ${key}; canary-body` } });
      else if (path.endsWith('/models')) answer(200, { data: [{ id: 'small' }] });
      else
        answer(200, { choices: [{ index: 0, message: { role: 'assistant', content: reply }, finish_reason: 'stop' }] });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    url: `${origin}/v1`,
    seen,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type KeyedProvider = Awaited<ReturnType<typeof startKeyedProvider>>;
