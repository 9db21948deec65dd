import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The far side of the network: an embedding model of the OpenAI dialect. A text's vector is the sum of one for each of its
 * words, made of the word's hash, and words that a test calls alike share one. So texts that share words, or words that are
 * alike, are near each other, the same in every run.
 */

export type EmbeddingCall = { model: string; input: string[] };

/** What a call gets in place of its vectors. */
export type EmbeddingFault = { status: number } | 'silence';

const firstDimensions = 64;

export const startEmbeddingsProvider = async (alike: readonly (readonly string[])[] = []) => {
  const meanings = new Map(alike.flatMap(([first = '', ...others]) => others.map((word) => [word, first])));
  const calls: EmbeddingCall[] = [];
  let fault: ((call: EmbeddingCall) => EmbeddingFault | null) | null = null;
  let delayMs = 0;
  let dimensions = firstDimensions;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const call = JSON.parse(Buffer.concat(parts).toString()) as EmbeddingCall;
      calls.push(call);
      const wrong = fault?.(call) ?? null;
      if (wrong === 'silence') return;
      if (wrong) {
        response.writeHead(wrong.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { message: `canary-from-provider, said ${call.input[0]}` } }));
        return;
      }
      const data = call.input.map((text, index) => ({
        index,
        embedding: base64(vectorOf(text, meanings, dimensions)),
      }));
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ data, usage: { prompt_tokens: call.input.length } }));
      }, delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    calls,
    /** Every text that was embedded so far. */
    texts: () => calls.flatMap((call) => call.input),
    failWith(next: typeof fault): void {
      fault = next;
    },
    /** Makes vectors of another length from now on, as another model under the same name; at most 64 numbers. */
    shorten(to: number): void {
      dimensions = to;
    },
    /** How long vectors take. */
    delay(ms: number): void {
      delayMs = ms;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type EmbeddingsProvider = Awaited<ReturnType<typeof startEmbeddingsProvider>>;

/** The exact bytes under which a vector is found again: it is stored scaled to length one. */
export const storedVectorOf = (text: string): Buffer => {
  const vector = vectorOf(text, new Map(), firstDimensions);
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square);
  return Buffer.from(vector.map((value) => value / length).buffer);
};

const vectorOf = (text: string, meanings: ReadonlyMap<string, string>, dimensions: number): Float32Array => {
  const sum = new Float32Array(dimensions);
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    const bytes = createHash('sha512')
      .update(meanings.get(word) ?? word)
      .digest();
    for (let at = 0; at < dimensions; at += 1) sum[at] = sum[at]! + (bytes[at]! - 127.5) / 127.5;
  }
  if (sum.every((value) => value === 0)) sum[0] = 1;
  return sum;
};

const base64 = (vector: Float32Array): string => Buffer.from(vector.buffer).toString('base64');
