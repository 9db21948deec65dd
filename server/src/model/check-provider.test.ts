import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { checkProvider } from './check-provider.ts';
import type { ProviderType } from './create-client.ts';

let close: (() => Promise<void>) | null = null;
afterEach(() => close?.());

const check = async (type: ProviderType, listener: RequestListener) => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const { port } = server.address() as AddressInfo;
  return checkProvider({ type, url: `http://127.0.0.1:${port}/v1`, key: 'sk-test' });
};

const answering =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

const openAiList = '{"object":"list","data":[{"id":"small"}]}';

describe('a provider that is asked for its models', () => {
  it.each<[string, ProviderType, string]>([
    ['lists them as OpenAI does', 'openai-compatible', openAiList],
    ['leaves out all but the list', 'openai-compatible', '{"data":[]}'],
    ['has none yet, and says so as Ollama did', 'openai-compatible', '{"object":"list","data":null}'],
    ['gives the bare list', 'openai-compatible', '[{"id":"small"}]'],
    ['lists them as Anthropic does', 'anthropic', '{"data":[],"has_more":false}'],
    ['lists them as Gemini does', 'google', '{"models":[{"name":"models/small"}]}'],
  ])('is reachable where it %s', async (_what, type, body) => {
    expect(await check(type, answering(200, body))).toEqual({ kind: 'reachable' });
  });

  it('may pack the list', async () => {
    const packed = answering(200, gzipSync(openAiList), { 'content-encoding': 'gzip' });
    expect(await check('openai-compatible', packed)).toEqual({ kind: 'reachable' });
  });

  it.each<[string, ProviderType, number, string, string]>([
    ['nothing', 'openai-compatible', 204, '', 'it answers with nothing'],
    ['an empty body', 'anthropic', 200, '', 'it answers with nothing'],
    ['a page', 'openai-compatible', 200, '<!doctype html><title>Welcome</title>', 'something else than JSON'],
    ['another service', 'openai-compatible', 200, '{"status":"ok"}', 'JSON that is no list of models'],
    ['a list of another dialect', 'google', 200, openAiList, 'JSON that is no list of models'],
    ['null', 'openai-compatible', 200, 'null', 'JSON that is no list of models'],
  ])('is not taken for one where it answers with %s', async (_what, type, status, body, trouble) => {
    const found = await check(type, answering(status, body));
    expect(found).toEqual({ kind: 'unsure', trouble: expect.stringContaining(trouble) });
  });

  it('is read so far and no further', async () => {
    const endless: RequestListener = (_request, response) => {
      response.writeHead(200);
      const piece = Buffer.alloc(1_048_576, ' ');
      const write = (): void => {
        while (!response.destroyed && response.write(piece)) continue;
      };
      response.on('drain', write);
      write();
    };
    expect(await check('openai-compatible', endless)).toEqual({ kind: 'failed', trouble: 'the answer is too large' });
  });

  it('that refuses the key is told of by its status', async () => {
    const found = await check('openai-compatible', answering(401, '{}'));
    expect(found).toEqual({ kind: 'failed', trouble: 'it refuses the key (401): check it' });
  });
});
