import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const text = Array.from({ length: 8 }, () => 'the quick brown fox jumps').join(' ');
const answer = JSON.stringify({
  id: 'chatcmpl-mock',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'mock-1',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 400, completion_tokens: 40, total_tokens: 440 },
});

/** A model of the OpenAI dialect that gives one whole answer at once, whatever it is asked. */
export const startMockModel = async (): Promise<{ url: string; text: string; stop(): Promise<void> }> => {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    text,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
