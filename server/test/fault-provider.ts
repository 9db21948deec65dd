import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * A model provider that sends exactly the bytes a test tells it to, broken ones too. It knows just enough HTTP to see
 * where a request ends; the answer, its head included, is the test's.
 */

export type FaultRequest = {
  /** Method and path. */
  line: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Record<string, unknown>;
};

/** What the test does with one request. What it leaves open stays open until the provider stops. */
export type FaultAnswer = (socket: Socket, request: FaultRequest) => void | Promise<void>;

/** A head with `connection: close` and no length: the body ends with the connection. */
export const head = (status = 200, headers: Record<string, string> = {}): string => {
  const all = { 'content-type': 'text/event-stream', connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`;
};

/** Sends everything at once and ends the connection. */
export const send =
  (...parts: (string | Buffer)[]): FaultAnswer =>
  (socket) => {
    socket.end(Buffer.concat(parts.map((part) => Buffer.from(part))));
  };

/** Sends each part as a packet of its own and ends the connection. */
export const sendSlowly =
  (gapMs: number, ...parts: (string | Buffer)[]): FaultAnswer =>
  async (socket) => {
    for (const part of parts) {
      if (socket.destroyed) return;
      socket.write(part);
      await wait(gapMs);
    }
    socket.end();
  };

/** Sends something and then nothing more, the connection open. */
export const stall =
  (...parts: (string | Buffer)[]): FaultAnswer =>
  (socket) => {
    socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))));
  };

/** Sends something and then resets the connection (RST). */
export const reset =
  (...parts: (string | Buffer)[]): FaultAnswer =>
  async (socket) => {
    socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))));
    await wait(20);
    socket.resetAndDestroy();
  };

/** A complete JSON answer of any status. */
export const sendJson = (value: unknown, status = 200, headers: Record<string, string> = {}): FaultAnswer =>
  send(head(status, { 'content-type': 'application/json', ...headers }), JSON.stringify(value));

export class FaultProvider {
  readonly requests: FaultRequest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #choose: (request: FaultRequest) => FaultAnswer | undefined = () => undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(): Promise<FaultProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProvider(server);
  }

  get url(): string {
    return `${this.origin}/v1`;
  }

  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the provider does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** The answers to the requests that follow, in order; the last one stays. Forgets the requests so far. */
  answer(...answers: FaultAnswer[]): void {
    this.answerBy(() => (answers.length > 1 ? answers.shift() : answers[0]));
  }

  /** The answer to each request that follows, by what it asks. Forgets the requests so far. */
  answerBy(choose: (request: FaultRequest) => FaultAnswer | undefined): void {
    this.#choose = choose;
    this.requests.length = 0;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // The client may cut the connection at any moment; that is what many tests are about.
    socket.on('error', () => undefined);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const request = parseRequest(received);
      if (request === null) return;
      received = Buffer.alloc(0);
      this.requests.push(request);
      void this.#choose(request)?.(socket, request);
    });
  }
}

/** Null while the request is incomplete. */
const parseRequest = (received: Buffer): FaultRequest | null => {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [line = '', ...fields] = received.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => [
      field.slice(0, field.indexOf(':')).toLowerCase(),
      field.slice(field.indexOf(':') + 1).trim(),
    ]),
  );
  const body = received.subarray(headEnd + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return null;
  return { line, headers, body: JSON.parse(body.toString('utf8')) as Record<string, unknown> };
};
