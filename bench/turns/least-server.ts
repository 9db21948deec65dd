/**
 * The least that can keep a turn: one message in, the conversation's last 20 messages to the model, the reply out, and
 * nothing told before it is on the disk. It writes what any server must that loses nothing, answers a retry once and counts
 * against a limit: message, turn, reservation, key and reply, receipt, charge, in two commits that calls share. It checks
 * nothing: no key, no schema, no limit, no retry, no crash. What it costs is what SQLite, Node and the disk cost, and so the
 * bound of what a server of this kind can reach here.
 *
 * A program of its own; takes PORT, UPSTREAM (the model's address) and DATABASE (a path that does not exist yet).
 */
import { fdatasync, openSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { Pool } from 'undici';

type Asked = { user_id: string; message: string; stream: boolean };
type Said = { role: string; content: string };
type Unit = { run: () => void; done: () => void };

const { PORT, UPSTREAM, DATABASE } = process.env;
if (!PORT || !UPSTREAM || !DATABASE) throw new Error('PORT, UPSTREAM and DATABASE must be set');

const database = new DatabaseSync(DATABASE);
// the commit writes the log, and `commitAll` brings it to the disk beside the event loop, as Parley does
database.exec(`
  pragma journal_mode = wal;
  pragma synchronous = normal;
  create table conversations (id text primary key, next_seq integer not null, active_turn text) without rowid;
  create table messages (conversation text, seq integer, role text, content text, primary key (conversation, seq))
    without rowid;
  create table turns (id text primary key, conversation text, status text, receipt text) without rowid;
  create table keys (key text primary key, turn text) without rowid;
  create table quota (id integer primary key, used integer not null, reserved integer not null);
  create table ledger (id text primary key, turn text) without rowid;
  insert into quota values (1, 0, 0);
`);
const sql = {
  begin: database.prepare('begin immediate'),
  commit: database.prepare('commit'),
  findPlace: database.prepare('select next_seq from conversations where id = ?'),
  listHistory: database.prepare('select role, content from messages where conversation = ? order by seq desc limit 20'),
  insertMessage: database.prepare('insert into messages values (?, ?, ?, ?)'),
  holdConversation: database.prepare(
    `insert into conversations values (?1, ?2, ?3) on conflict do update set next_seq = ?2, active_turn = ?3`,
  ),
  leaveConversation: database.prepare('update conversations set active_turn = null where id = ?'),
  insertTurn: database.prepare(`insert into turns values (?, ?, 'running', null)`),
  endTurn: database.prepare(`update turns set status = 'ended', receipt = ? where id = ?`),
  insertKey: database.prepare('insert into keys values (?, ?)'),
  reserve: database.prepare('update quota set reserved = reserved + 1 where id = 1'),
  settle: database.prepare('update quota set reserved = reserved - 1, used = used + 1 where id = 1'),
  insertCharge: database.prepare('insert into ledger values (?, ?)'),
};

const log = openSync(`${DATABASE}-wal`, 'r+');
let waiting: Unit[] = [];
let isBusy = false;

/** Runs `run` with others in one commit, and calls `done` once that is on the disk. */
const write = (run: () => void, done: () => void): void => {
  waiting.push({ run, done });
  if (!isBusy) {
    isBusy = true;
    setImmediate(commitAll);
  }
};

const commitAll = (): void => {
  const units = waiting;
  waiting = [];
  sql.begin.run();
  for (const { run } of units) run();
  sql.commit.run();
  fdatasync(log, (error) => {
    if (error) throw error;
    isBusy = waiting.length > 0;
    for (const { done } of units) done();
    if (isBusy) setImmediate(commitAll);
  });
};

const pool = new Pool(UPSTREAM, { connections: 256, pipelining: 1 });

/** Calls the model. `onText` is given the text as it comes, in as many pieces; `onEnd` the whole of it. */
const ask = (
  messages: readonly Said[],
  stream: boolean,
  { onText, onEnd }: { onText: (pieces: string[]) => void; onEnd: (text: string) => void },
): void => {
  const options = stream ? { stream, stream_options: { include_usage: true } } : {};
  let rest = '';
  let text = '';
  pool.dispatch(
    {
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'mock-1', messages, ...options }),
    },
    {
      onRequestStart() {},
      onResponseStart() {},
      onResponseData(_controller, bytes) {
        // the mock writes ASCII
        rest += bytes.toString('latin1');
        if (!stream) return;
        const events = rest.split('\n\n');
        rest = events.pop() ?? '';
        const pieces = events.map(pieceOf).filter((piece) => piece !== '');
        text += pieces.join('');
        onText(pieces);
      },
      onResponseEnd() {
        onEnd(stream ? text : (JSON.parse(rest) as { choices: { message: Said }[] }).choices[0]!.message.content);
      },
      onResponseError(_controller, error) {
        throw error;
      },
    },
  );
};

const pieceOf = (event: string): string => {
  const data = event.slice('data: '.length);
  if (data === '[DONE]') return '';
  return (JSON.parse(data) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? '';
};

let turns = 0;

const takeTurn = (asked: Asked, key: string, response: ServerResponse): void => {
  const conversation = asked.user_id;
  const turn = `turn_${String((turns += 1)).padStart(26, '0')}`;
  let history: Said[] = [];
  let seq = 0;
  let events = 0;
  const accept = (): void => {
    seq = (sql.findPlace.get(conversation) as { next_seq: number } | undefined)?.next_seq ?? 1;
    history = (sql.listHistory.all(conversation) as Said[]).toReversed();
    sql.insertKey.run(key, turn);
    sql.reserve.run();
    sql.insertMessage.run(conversation, seq, 'user', asked.message);
    sql.holdConversation.run(conversation, seq + 2, turn);
    sql.insertTurn.run(turn, conversation);
  };
  const finish = (reply: string): void => {
    sql.insertMessage.run(conversation, seq + 1, 'assistant', reply);
    sql.endTurn.run(JSON.stringify({ history: history.length, message: asked.message }), turn);
    sql.leaveConversation.run(conversation);
    sql.settle.run();
    sql.insertCharge.run(turn, turn);
  };
  const frame = (name: string, data: object): string =>
    `id: 1-${(events += 1)}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  const answer = (reply: string): void => {
    const result = { turn, conversation, reply, finish_reason: 'stop' };
    if (asked.stream) response.end(frame('reply.completed', result));
    else response.end(JSON.stringify(result));
  };
  write(accept, () => {
    response.writeHead(200, { 'content-type': asked.stream ? 'text/event-stream' : 'application/json' });
    if (asked.stream) response.write(frame('reply.started', { turn, conversation }));
    ask([...history, { role: 'user', content: asked.message }], asked.stream, {
      onText: (pieces) => {
        const text = pieces.map((piece) => frame('reply.delta', { text: piece })).join('');
        if (text !== '') response.write(text);
      },
      onEnd: (reply) =>
        write(
          () => finish(reply),
          () => answer(reply),
        ),
    });
  });
};

const read = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.method !== 'POST') {
    response.end();
    return;
  }
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const asked = JSON.parse(Buffer.concat(parts).toString()) as Asked;
    takeTurn(asked, String(request.headers['idempotency-key']), response);
  });
};

createServer({ keepAliveTimeout: 60_000 }, read).listen(Number(PORT), '127.0.0.1', 1024);
