import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { nameOf, piecesOf } from './model-text.ts';

/** A provider of the OpenAI dialect that is the same in every run, counts its calls, and notes whose words it was shown. */

/** Long enough that most kills fall into replies, and that some of a reply is stored before it ends. */
const usualPauseMs = 25;

type Request = { model: string; stream?: boolean; messages: { role: string; content: string }[] };

export const startModelServer = async (pauseMs = usualPauseMs) => {
  /** By message. */
  const calls = new Map<string, number>();
  /** Canaries of another tenant than the model's, in what it was shown. */
  const strays: string[] = [];

  const answer = async (request: Request, response: ServerResponse): Promise<void> => {
    const message = nameOf(request.messages.at(-1)?.content ?? '');
    for (const { content } of request.messages) {
      for (const [canary, tenant] of content.matchAll(/canary-(\w)/g)) {
        if (tenant !== request.model) strays.push(`${canary} before the model of ${request.model}`);
      }
    }
    const call = (calls.get(message) ?? 0) + 1;
    calls.set(message, call);
    const pieces = piecesOf(message, call);
    const usage = { prompt_tokens: 10, completion_tokens: pieces.length, total_tokens: 10 + pieces.length };
    if (request.stream !== true) {
      await setTimeout(pauseMs * pieces.length);
      const choices = [{ index: 0, message: { role: 'assistant', content: pieces.join('') }, finish_reason: 'stop' }];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices, usage }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (value: unknown) => response.write(`data: ${JSON.stringify(value)}\n\n`);
    for (const piece of pieces) {
      send({ choices: [{ index: 0, delta: { content: piece } }] });
      await setTimeout(pauseMs);
      if (response.destroyed) return;
    }
    send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    send({ choices: [], usage });
    response.end('data: [DONE]\n\n');
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => void answer(JSON.parse(Buffer.concat(parts).toString()) as Request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    callsFor: (message: string): number => calls.get(message) ?? 0,
    strays,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type ModelServer = Awaited<ReturnType<typeof startModelServer>>;
