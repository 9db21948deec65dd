import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The far side of the network: a chat model of the OpenAI dialect whose every answer the test decides. */

export type ProviderCall = {
  messages: { role: string; content: string }[];
  stream: boolean;
  /** As many as the answer may have; null where nothing is said. */
  maxTokens: number | null;
  /** True once the caller has closed the connection before the answer ended. */
  aborted: boolean;
  /** Sends a piece of text. */
  say(text: string): void;
  /** Ends the answer well, or as it is told. */
  end(finishReason?: 'stop' | 'length' | 'content_filter'): void;
  /** Answers with an error status. */
  fail(status: number): void;
};

export type Script = (call: ProviderCall, number: number) => void | Promise<void>;

export const startScriptedProvider = async (script: Script) => {
  const calls: ProviderCall[] = [];
  let current = script;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as Body;
      const call = answerTo(body, response);
      calls.push(call);
      void current(call, calls.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    calls,
    /** Changes what later calls get. */
    use(next: Script): void {
      current = next;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type ScriptedProvider = Awaited<ReturnType<typeof startScriptedProvider>>;

/** Says the text word by word and ends. */
export const saying =
  (text: string): Script =>
  (call) => {
    for (const piece of text.split(/(?=\s)/)) call.say(piece);
    call.end();
  };

type Body = Pick<ProviderCall, 'messages' | 'stream'> & { max_tokens?: number };

const answerTo = (body: Body, response: ServerResponse): ProviderCall => {
  let text = '';
  let ended = false;
  const event = (value: unknown): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(value)}\n\n`);
  };
  const call: ProviderCall = {
    messages: body.messages,
    stream: body.stream,
    maxTokens: body.max_tokens ?? null,
    aborted: false,
    say(piece) {
      text += piece;
      if (body.stream) event({ choices: [{ index: 0, delta: { content: piece } }] });
    },
    end(finishReason = 'stop') {
      ended = true;
      const usage = { prompt_tokens: 100, completion_tokens: 7, total_tokens: 107 };
      if (!body.stream) {
        const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: finishReason }];
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices, usage }));
        return;
      }
      event({ choices: [{ index: 0, delta: {}, finish_reason: finishReason }] });
      event({ choices: [], usage });
      response.end('data: [DONE]\n\n');
    },
    fail(status) {
      ended = true;
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end('{"error":{"message":"provider secret text"}}');
    },
  };
  response.on('close', () => {
    if (!ended) call.aborted = true;
  });
  return call;
};
