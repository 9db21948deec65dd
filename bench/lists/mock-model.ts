import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const words = Array.from({ length: 8 }, () => 'the quick brown fox'.split(' ')).flat();
const text = words.join(' ');
const usage = { prompt_tokens: 400, completion_tokens: words.length, total_tokens: 400 + words.length };
const answer = JSON.stringify({
  id: 'chatcmpl-mock',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'mock-1',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage,
});
const frame = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
const stream = [
  ...words.map((word, index) =>
    frame({ choices: [{ index: 0, delta: { content: index === 0 ? word : ` ${word}` }, finish_reason: null }] }),
  ),
  frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  frame({ choices: [], usage }),
  'data: [DONE]\n\n',
];

/** A model of the OpenAI dialect that gives one answer at once, whatever it is asked: whole, or in a piece for each word. */
export const startMockModel = async (): Promise<{ url: string; text: string; stop(): Promise<void> }> => {
  const server = createServer((request, response) => {
    let streamed = false;
    request.on('data', (part: Buffer) => (streamed ||= part.includes('"stream":true')));
    request.on('end', () => {
      if (!streamed) return response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const part of stream) response.write(part);
      return response.end();
    });
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
