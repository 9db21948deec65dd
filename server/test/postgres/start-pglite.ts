import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

/**
 * PostgreSQL with the extension pgvector, compiled to WebAssembly, in this process and in memory: for machines whose
 * PostgreSQL has no such package, which are most. It is one session, which all connections share: each has it from the
 * first statement of a transaction to the last, and names of prepared statements of its own. What a connection sets for its
 * session, and hears by LISTEN, is not kept apart.
 */
export const startPglite = async (): Promise<{ url: string; close: () => Promise<void> }> => {
  const database = await PGlite.create({ extensions: { vector } });
  const session = new SharedSession(database);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, session, (connections += 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      await session.whenIdle();
      await database.close();
    },
  };
};

type Unit = { bytes: Buffer; answer: (bytes: Uint8Array) => void };
type Client = { waiting: Unit[]; gone: boolean };

/** Gives the one session to one client after the other, to each for whole transactions. */
class SharedSession {
  readonly #database: PGlite;
  #clients: Client[] = [];
  #running: Promise<void> | null = null;

  constructor(database: PGlite) {
    this.#database = database;
  }

  add(client: Client): void {
    this.#clients.push(client);
  }

  wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  async whenIdle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let owner: Client | null = null; ;) {
      const turn: Client | undefined = owner ?? this.#clients.find(({ waiting }) => waiting.length > 0);
      if (!turn) break;
      const unit = turn.waiting.shift();
      if (unit) {
        const answer = await this.#database.execProtocolRaw(unit.bytes);
        unit.answer(answer);
        owner = isIdle(answer) ? null : turn;
      } else if (turn.gone) {
        await this.#database.execProtocolRaw(message('Q', Buffer.from('rollback\0')));
        owner = null;
      } else {
        // in a transaction, and about to send the next statement
        await new Promise((resolve) => setImmediate(resolve));
      }
      this.#clients = this.#clients.filter(({ gone, waiting }) => !gone || waiting.length > 0);
    }
  }
}

/** Whether the session is in no transaction, as the last message of an answer says. */
const isIdle = (answer: Uint8Array): boolean => answer.at(-1) === 'I'.charCodeAt(0);

const lengthBytes = 4;

const message = (type: string, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(1 + lengthBytes);
  head.write(type, 'latin1');
  head.writeInt32BE(lengthBytes + body.length, 1);
  return Buffer.concat([head, body]);
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(lengthBytes);
  bytes.writeInt32BE(value);
  return bytes;
};

/** Whoever comes is let in: who they are, of what version we are, and that we wait for them. */
const greeting = Buffer.concat([
  message('R', int32(0)),
  message('S', Buffer.from('server_version\x0018\0')),
  message('K', Buffer.concat([int32(1), int32(1)])),
  message('Z', Buffer.from('I')),
]);

const serve = (socket: Socket, session: SharedSession, number: number): void => {
  const client: Client = { waiting: [], gone: false };
  session.add(client);
  let received = Buffer.alloc(0);
  let greeted = false;
  let unit: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('close', () => {
    client.gone = true;
    session.wake();
  });
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    for (;;) {
      // the first message has no type
      const typeBytes = greeted ? 1 : 0;
      if (received.length < typeBytes + lengthBytes) return;
      const length = typeBytes + received.readInt32BE(typeBytes);
      if (received.length < length) return;
      const type = greeted ? String.fromCharCode(received[0]!) : '';
      const body = received.subarray(typeBytes + lengthBytes, length);
      received = received.subarray(length);
      if (type === '') {
        greeted = true;
        socket.write(greeting);
        continue;
      }
      if (type === 'X') {
        socket.end();
        return;
      }
      unit.push(message(type, withOwnName(type, body, `c${number}_`)));
      if (type !== 'Q' && type !== 'S') continue;
      client.waiting.push({
        bytes: Buffer.concat(unit),
        answer: (answer) => {
          if (!socket.destroyed) socket.write(answer);
        },
      });
      unit = [];
      session.wake();
    }
  });
};

/** A message with the name of its prepared statement, where it has one, behind a prefix. */
const withOwnName = (type: string, body: Buffer, prefix: string): Buffer => {
  const at = nameStart(type, body);
  if (at === null || body[at] === 0) return body;
  return Buffer.concat([body.subarray(0, at), Buffer.from(prefix), body.subarray(at)]);
};

/** Where the name of a prepared statement begins: in Parse, in Bind behind that of the portal, in Describe and Close of one. */
const nameStart = (type: string, body: Buffer): number | null => {
  if (type === 'P') return 0;
  if (type === 'B') return body.indexOf(0) + 1;
  return (type === 'D' || type === 'C') && body[0] === 'S'.charCodeAt(0) ? 1 : null;
};
