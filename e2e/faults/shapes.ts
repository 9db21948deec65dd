import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { head } from '../../server/test/fault-provider.ts';
import type { Fault, Passage } from './fault-proxy.ts';
import { honestReply } from './honest-model.ts';
import { timeoutsMs } from './timeouts.ts';

/**
 * The shapes in which a provider fails, one row each: an error status, a connection that is never made, silence, an
 * answer that breaks off, and answers that are odd or wrong. A row says what it is in a streamed answer and in one that
 * comes whole.
 */

/** Where a provider's address leads, for the shapes in which no request gets through. */
export type Place = 'refused' | 'unresolved' | 'untrusted';

export type Shape = { fault: Fault } | { place: Place };

/** A head and a body, and the end of the connection. */
const answer =
  (body: (passage: Passage) => string[] | Promise<string[]>, headers: Record<string, string> = {}): Fault =>
  async (passage) => {
    passage.socket.end(headOf(passage, headers) + (await body(passage)).join(''));
  };

const headOf = ({ stream }: Passage, headers: Record<string, string> = {}): string =>
  head(200, { 'content-type': stream ? 'text/event-stream' : 'application/json', ...headers });

const status =
  (code: number, headers: Record<string, string> = {}, message = 'No.'): Fault =>
  ({ socket, wire }) => {
    const all = { 'content-type': 'application/json', ...headers };
    socket.end(head(code, all) + JSON.stringify(wire.error(message)));
  };

/** The first half of the honest answer: some pieces of a stream, or a cut JSON. */
const half = async ({ stream, honest }: Passage): Promise<string[]> => {
  const body = await honest();
  if (stream) return body.slice(0, Math.floor(body.length / 2));
  return body.map((json) => json.slice(0, json.length / 2));
};

/** The first half, and then what `end` does with the connection. */
const afterHalf =
  (end: Fault): Fault =>
  async (passage) => {
    passage.socket.write(headOf(passage) + (await half(passage)).join(''));
    await end(passage);
  };

/** One form for a streamed answer, one for an answer that comes whole. */
const inBoth = (forms: { events: string[]; whole: unknown }, { stream }: Passage): string[] =>
  stream ? forms.events : [JSON.stringify(forms.whole)];

const isOpen = ({ socket }: Passage): boolean => !socket.destroyed && socket.writable;

/** Writes a piece every so often, until the caller has had enough. */
const trickle = async (passage: Passage, pieces: Iterable<string>, gapMs: number): Promise<void> => {
  for (const piece of pieces) {
    if (!isOpen(passage)) return;
    passage.socket.write(piece);
    await wait(gapMs);
  }
};

function* forEver(piece: string): Generator<string> {
  for (;;) yield piece;
}

/** What a server sends while its answer is not ready. */
const signOfLife = ({ stream }: Passage): string => (stream ? ': ping\n\n' : '\n');

const silence: Fault = () => undefined;

const lateFirstByte: Fault = async (passage) => {
  await wait(timeoutsMs.firstToken + 1_000);
  if (isOpen(passage)) passage.socket.end(headOf(passage) + (await passage.honest()).join(''));
};

const slowLoris: Fault = async (passage) => {
  passage.socket.write(headOf(passage));
  await trickle(passage, (await passage.honest()).join(''), 1_000);
};

/** In chunks, as servers send what they do not know the length of: a body that ends with its connection has no break. */
const resetAfterHalf: Fault = async (passage) => {
  const { socket } = passage;
  socket.write(headOf(passage, { 'transfer-encoding': 'chunked', connection: 'keep-alive' }));
  for (const part of await half(passage)) {
    socket.write(`${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`);
  }
  // what was written must have left, or the reset takes it back
  await wait(50);
  socket.resetAndDestroy();
};

const withoutEndMark = answer(async ({ wire, stream, honest }) => {
  const body = await honest();
  if (stream) return body.slice(0, body.length - wire.last.length);
  return body.map((json) => json.replace(/"(?:finish_reason|stop_reason|finishReason)":"\w+"/, '"index":0'));
});

const withTwoEndMarks = answer(async ({ wire, stream, honest }) => {
  const body = await honest();
  if (!stream) return [...body, ...body];
  return [...body, ...(wire.last.length > 0 ? wire.last : wire.finish())];
});

const errorInside = answer(async (passage) => {
  const { wire, stream } = passage;
  const error = wire.errorEvent('unavailable');
  return stream ? [...(await half(passage)), error] : [/^data: (.*)$/m.exec(error)?.[1] ?? ''];
});

const brokenJson = answer(async (passage) => {
  const { stream, honest } = passage;
  if (stream) return [...(await half(passage)), 'data: {oops}\n\n', ...(await honest())];
  return (await honest()).map((json) => json.replace('{', '{oops'));
});

/** A byte that UTF-8 does not have, and packets that cut every other letter. */
const invalidUtf8: Fault = async (passage) => {
  const { socket, honest } = passage;
  const body = (await honest()).join('');
  const at = body.indexOf(damagedBefore);
  const bytes = Buffer.concat([
    Buffer.from(headOf(passage) + body.slice(0, at)),
    Buffer.from([0xff]),
    Buffer.from(body.slice(at)),
  ]);
  socket.setNoDelay(true);
  for (let from = 0; from < bytes.length && isOpen(passage); from += packetBytes) {
    socket.write(bytes.subarray(from, from + packetBytes));
    await new Promise(setImmediate);
  }
  socket.end();
};
const packetBytes = 7;
const damagedBefore = 'Достав';
/** The reply as it is read past that byte. */
export const damagedReply = honestReply.replace(damagedBefore, `\uFFFD${damagedBefore}`);

const lineCharacters = 10 * 1024 * 1024;
const longLine = answer(async (passage) => {
  const { wire, stream } = passage;
  const text = 'y'.repeat(lineCharacters);
  return stream ? [...(await half(passage)), wire.text(text)] : [JSON.stringify(wire.whole(text))];
});

const lineEnds = ['\r\n', '\r', '\n'];
const mixedLineEnds = answer(async ({ stream, honest }) => {
  const body = await honest();
  if (!stream) return body.map((json) => JSON.stringify(JSON.parse(json), null, 2).replaceAll('\n', '\r\n'));
  return body.map((event, at) => event.replaceAll('\n', lineEnds[at % lineEnds.length] ?? '\n'));
});

const signsOfLifeAlone: Fault = async (passage) => {
  passage.socket.write(headOf(passage));
  await trickle(passage, forEver(signOfLife(passage)), 200);
};

const compressed: Fault = async (passage) => {
  const { socket, honest } = passage;
  socket.write(headOf(passage, { 'content-encoding': 'gzip' }));
  socket.end(gzipSync((await honest()).join('')));
};

const empty = answer((passage) => {
  const { wire } = passage;
  return inBoth({ events: [...wire.begin(), ...wire.finish(), ...wire.last], whole: wire.whole('') }, passage);
});

/** The reply, with counts that cannot be right; null for none. */
const withUsage = (count: number | null): Fault =>
  answer((passage) => {
    const { wire } = passage;
    const end = count === null ? wire.finish() : wire.absurdUsage(count);
    const usage = count === null ? {} : { usage: { inputTokens: count, outputTokens: 3 } };
    const events = [...wire.begin(), wire.text(honestReply), ...end, ...wire.last];
    return inBoth({ events, whole: wire.whole(honestReply, usage) }, passage);
  });

const contentFilter = answer((passage) => {
  const { wire } = passage;
  const events = [...wire.begin(), wire.text(filteredReply), ...wire.finish('content_filter'), ...wire.last];
  return inBoth({ events, whole: wire.whole(filteredReply, { reason: 'content_filter' }) }, passage);
});

/** What the model says in the shapes `refusal` and `content filter`. */
export const refusedReply = 'I cannot help with that.';
export const filteredReply = 'Yes, we';

export const shapes = {
  'status 401': { fault: status(401) },
  'status 403': { fault: status(403) },
  'status 404': { fault: status(404) },
  'status 400, context too long': { fault: status(400, {}, 'prompt is too long: 9000 tokens > 8192 maximum') },
  'status 429': { fault: status(429) },
  'status 429, retry after a second': { fault: status(429, { 'retry-after': '1' }) },
  'status 429, retry after an hour': { fault: status(429, { 'retry-after': '3600' }) },
  'status 500': { fault: status(500) },
  'status 502': { fault: status(502) },
  'status 503': { fault: status(503) },
  'status 529': { fault: status(529) },
  'connection refused': { place: 'refused' },
  'name not found': { place: 'unresolved' },
  'certificate of nobody': { place: 'untrusted' },
  'silence after accepting': { fault: silence },
  'silence after the head': { fault: (passage) => void passage.socket.write(headOf(passage)) },
  'first byte too late': { fault: lateFirstByte },
  'silence after half': { fault: afterHalf(silence) },
  'a byte a second': { fault: slowLoris },
  'reset after half': { fault: resetAfterHalf },
  'end after half': { fault: afterHalf(({ socket }) => void socket.end()) },
  'end mark missing': { fault: withoutEndMark },
  'end mark twice': { fault: withTwoEndMarks },
  'error inside a 200': { fault: errorInside },
  'broken JSON': { fault: brokenJson },
  'invalid UTF-8, split anywhere': { fault: invalidUtf8 },
  'a line of 10 MB': { fault: longLine },
  'mixed line ends': { fault: mixedLineEnds },
  'signs of life alone': { fault: signsOfLifeAlone },
  'another content type': { fault: answer(({ honest }) => honest(), { 'content-type': 'text/html' }) },
  "a proxy's page": { fault: answer(() => ['<html><body>Hello</body></html>'], { 'content-type': 'text/html' }) },
  'compressed, which nobody asked for': { fault: compressed },
  'empty reply': { fault: empty },
  'usage absent': { fault: withUsage(null) },
  'usage negative': { fault: withUsage(-5) },
  'usage huge': { fault: withUsage(9e15) },
  'tool call, cut': { fault: answer((passage) => inBoth(passage.wire.cutToolCall, passage)) },
  refusal: { fault: answer((passage) => inBoth(passage.wire.refusal(refusedReply), passage)) },
  'content filter': { fault: contentFilter },
} satisfies Record<string, Shape>;

export type ShapeName = keyof typeof shapes;
export const shapeNames = Object.keys(shapes) as ShapeName[];
export const shapeOf = (name: ShapeName): Shape => shapes[name];
