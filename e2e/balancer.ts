import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A small balancer in front of equal servers, as operators have one: it asks each whether it is ready, gives requests to
 * those in turn, passes answers on as they come, and sends a request on to the next server where one has not done it.
 */

const lookEveryMs = 100;
const lookTimeoutMs = 1_000;
/** For a request that no server takes. */
const patienceMs = 10_000;
const retryPauseMs = 50;
const maxBodyBytes = 1_048_576;

/** Says which server answered: its place in the list. */
export const servedBy = 'x-served-by';

type Target = { url: URL; place: number; ready: boolean };

export type Balancer = {
  url: string;
  /** Servers that take requests now. */
  ready: () => string[];
  /** Requests that were sent again, by the reason. */
  resent: Map<string, number>;
  close(): Promise<void>;
};

export const startBalancer = async (urls: readonly string[]): Promise<Balancer> => {
  const targets: Target[] = urls.map((url, place) => ({ url: new URL(url), place, ready: false }));
  const resent = new Map<string, number>();
  let next = 0;
  const look = (): Promise<void[]> => Promise.all(targets.map(lookAt));
  const choose = (tried: ReadonlySet<Target>): Target | undefined => {
    const usable = targets.filter((target) => target.ready && !tried.has(target));
    next += 1;
    return usable[next % Math.max(1, usable.length)];
  };
  const server = createServer((incoming, response) => {
    void relay(incoming, response, { choose, resent });
  });
  await look();
  const timer = setInterval(() => void look(), lookEveryMs);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready: () => targets.filter(({ ready }) => ready).map(({ url }) => url.origin),
    resent,
    async close() {
      clearInterval(timer);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

const lookAt = async (target: Target): Promise<void> => {
  try {
    const signal = AbortSignal.timeout(lookTimeoutMs);
    const answer = await fetch(new URL('/readyz', target.url), { signal, headers: { connection: 'close' } });
    await answer.arrayBuffer();
    target.ready = answer.ok;
  } catch {
    target.ready = false;
  }
};

type Routing = { choose: (tried: ReadonlySet<Target>) => Target | undefined; resent: Map<string, number> };

const relay = async (
  incoming: IncomingMessage,
  response: ServerResponse,
  { choose, resent }: Routing,
): Promise<void> => {
  const body = await readBody(incoming);
  if (!body) {
    response.writeHead(413).end();
    return;
  }
  const giveUpAt = performance.now() + patienceMs;
  const tried = new Set<Target>();
  while (performance.now() < giveUpAt && !response.destroyed) {
    const target = choose(tried);
    if (!target) {
      // all of them may have been asked in a moment in which one was just starting
      tried.clear();
      await new Promise((resolve) => {
        setTimeout(resolve, retryPauseMs);
      });
      continue;
    }
    tried.add(target);
    const outcome = await pass({ incoming, body, response }, target);
    if (outcome === 'answered') return;
    if (outcome !== 'broken' || mayRepeat(incoming)) resent.set(outcome, (resent.get(outcome) ?? 0) + 1);
    else break;
  }
  if (!response.headersSent) response.writeHead(502);
  response.end();
};

/** Whoever sent a key has said that the same request may be sent twice. */
const mayRepeat = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' || headers['idempotency-key'] !== undefined;

type Exchange = { incoming: IncomingMessage; body: Buffer; response: ServerResponse };

/**
 * `refused`: nobody listened. `stopping`: it was read by a server that takes nothing new. `broken`: the connection ended
 * before an answer began, and nobody knows how far it had come.
 */
const pass = (
  { incoming, body, response }: Exchange,
  { url, place }: Target,
): Promise<'answered' | 'refused' | 'stopping' | 'broken'> =>
  new Promise((resolve) => {
    const outgoing = send(
      new URL(incoming.url ?? '/', url),
      {
        method: incoming.method ?? 'GET',
        headers: { ...incoming.headers, host: url.host, connection: 'close' },
        agent: false,
      },
      (answer) => {
        if (answer.statusCode === 503 && answer.headers.connection === 'close') {
          answer.resume();
          // a turn is named by a server that has stored the message and hands it over
          resolve(answer.headers['parley-turn-id'] === undefined ? 'stopping' : 'broken');
          return;
        }
        const { connection: _connection, ...headers } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, { ...headers, [servedBy]: String(place) });
        answer.pipe(response);
        // a stream that breaks here breaks there, so that the reader comes back
        answer.on('error', () => response.destroy());
        answer.on('close', () => {
          if (!answer.complete) response.destroy();
          resolve('answered');
        });
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'broken'),
    );
    response.on('close', () => outgoing.destroy());
    outgoing.end(body);
  });

/** Whole, so that it can be sent again; null where it is too large for that. */
const readBody = async (incoming: IncomingMessage): Promise<Buffer | null> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    size += (part as Buffer).length;
    if (size > maxBodyBytes) return null;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
};
