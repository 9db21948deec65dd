import type { FastifyReply } from 'fastify';
import type { Principal } from '../core/access/principal.ts';
import { ParleyError } from '../core/error.ts';
import type { Turn } from '../core/turn/turn.ts';
import type { TurnLog } from '../core/turn/turn-log.ts';
import type { StreamSlot } from './open-streams.ts';
import { presentTurnEvent } from './present/turn-event.ts';
import { gatherMs, WritePace } from './write-pace.ts';
import { writePiece } from './write-piece.ts';

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of a turn: its log from a place
 * onward, then what is added to it, then the end.
 */

/** Written at once to one reader, so that a long log holds up nobody else and is not copied whole for each of them. */
const sliceCharacters = 32 * 1024;
/** What a connection takes before it says that it is full, in bytes: as much as a slice, so that no second one is added. */
export const connectionBufferBytes = sliceCharacters;
/**
 * A reader that takes nothing for so long is cut off; it may resume. Until then it holds one slice, and its place in the
 * log.
 */
const maxSilentMs = 30_000;

/** Attempts of a turn that one stream is led on to; a turn has fewer. */
const maxMoves = 10;

/** How far a reader has come: `<attempt>-<n>` as the last event's id said. */
export type StreamPlace = { attempt: number; n: number };

/** Reads `Last-Event-ID` or `?after=`. Throws invalid_request. */
export const parseStreamPlace = (value: string): StreamPlace => {
  const match = /^(\d{1,9})-(\d{1,9})$/.exec(value);
  if (!match) {
    throw new ParleyError('invalid_request', 'An event id has the form `<attempt>-<n>`, like `1-12`.', {
      param: 'after',
    });
  }
  return { attempt: Number(match[1]), n: Number(match[2]) };
};

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** One for the process: a timer of its own for each stream would cost as much as a piece. */
const pace = new WritePace();

/** Takes the reply over and writes the log to it. Returns at once; the slot is released when the stream is done. */
export const streamTurnLog = (
  reply: FastifyReply,
  first: TurnLog,
  options: {
    principal: Principal;
    turn: Turn;
    after: StreamPlace | null;
    slot: StreamSlot;
    headers?: Record<string, string>;
    /** Finds the turn's log where the first one was given up for another attempt. */
    reopen: () => Promise<TurnLog>;
  },
): void => {
  const { principal, turn, after, slot } = options;
  let log = first;
  reply.hijack();
  const response = reply.raw;
  if (response.destroyed) {
    // the reader left while the message was being accepted; no close will be told of any more
    slot.release();
    return;
  }
  response.writeHead(200, { ...reply.getHeaders(), ...options.headers, ...streamHeaders } as Record<string, string>);

  let next = firstEvent(log, after);
  let pending = after && seesAnotherAttempt(log, after) ? frame(`${log.attempt}-0`, 'reply.reset', '{}') : '';
  let scheduled: 'soon' | 'later' | null = null;
  /** True once anything has been sent, if only the headers. */
  let begun = false;
  /** When a piece of the reply was last sent, in milliseconds of `performance.now`. The first is never kept waiting. */
  let pieceAt = Number.NEGATIVE_INFINITY;
  /** Logs that were followed by another; Infinity while the next is being found. */
  let moves = 0;
  /** Runs while the reader is waited for. */
  let patience: NodeJS.Timeout | null = null;

  const done = (): void => {
    if (patience) clearTimeout(patience);
    unsubscribe();
    slot.release();
  };
  /** The next events as text, about a slice of them. */
  const take = (): string => {
    let text = pending;
    pending = '';
    for (; next < log.events.length && text.length < sliceCharacters; next++) {
      const event = log.events[next]!;
      const { name, data } = presentTurnEvent(principal, turn, event);
      text += frame(`${log.attempt}-${next + 1}`, name, data);
      if (event.type === 'delta') pieceAt = performance.now();
    }
    return text.replace(lineSeparators, (sign) => escapes[sign] ?? sign);
  };
  const write = (): void => {
    scheduled = null;
    if (response.destroyed || response.writableEnded || patience || moves === Infinity) return;
    if (response.writableNeedDrain) {
      waitForReader();
      return;
    }
    // a terminal event is sent again to whoever has seen it
    if (log.result) next = Math.min(next, log.events.length - 1);
    const text = take();
    // a log that follows another process may be behind what the reader has seen there
    const told = next >= log.events.length;
    if (told && log.abandoned && !log.held && !log.result && moves < maxMoves) {
      begun = true;
      if (text === '') response.flushHeaders();
      else response.write(text);
      void moveOn(moves + 1);
      return;
    }
    if (told && (log.result || log.abandoned)) {
      done();
      response.end(text);
      return;
    }
    if (text !== '' && !(begun ? writePiece(response, text) : response.write(text))) {
      waitForReader();
      return;
    }
    // a reader that has seen all there is so far is told that it is read to
    if (text === '' && !begun) response.flushHeaders();
    begun = true;
    if (!told) writeSoon();
  };
  /** The turn goes on, mostly as another attempt: that comes behind a reset, on the same stream. */
  const moveOn = async (count: number): Promise<void> => {
    moves = Infinity;
    unsubscribe();
    try {
      const following = await options.reopen();
      if (response.destroyed || response.writableEnded) return;
      if (following.attempt !== log.attempt) {
        pending = next > 0 ? frame(`${following.attempt}-0`, 'reply.reset', '{}') : '';
        next = 0;
      }
      log = following;
      moves = count;
      unsubscribe = log.subscribe(schedule);
      schedule();
    } catch {
      // it was not to be found yet: the reader comes back for it
      done();
      response.end();
    }
  };
  /** The log keeps what this reader has not taken yet, and for so long. */
  const waitForReader = (): void => {
    patience = setTimeout(() => response.destroy(), maxSilentMs);
    response.once('drain', resume);
  };
  const resume = (): void => {
    if (patience) clearTimeout(patience);
    patience = null;
    write();
  };
  const due = (): void => {
    if (scheduled) write();
  };
  const writeSoon = (): void => {
    scheduled = 'soon';
    pace.soon(due);
  };
  /** A piece that closely follows another waits for the next ones; whatever else happens is told at once. */
  const schedule = (): void => {
    if (scheduled === 'soon') return;
    if (log.abandoned || log.events.at(-1)?.type !== 'delta') writeSoon();
    else if (scheduled === null) {
      if (performance.now() - pieceAt >= gatherMs) writeSoon();
      else {
        scheduled = 'later';
        pace.later(due);
      }
    }
  };
  let unsubscribe = log.subscribe(schedule);
  slot.attach({
    beat: () => response.write(':\n\n'),
    close: () => {
      // what has happened is told before the stream ends, as far as a slice takes it
      write();
      response.end();
    },
  });
  response.once('close', done);
  schedule();
};

/**
 * Signs that JSON takes as they are, and that no event stream ends a line with, but many a language's own splitting into
 * lines does: Python's `splitlines`, the dot of a regular expression.
 */
const lineSeparators = /[\u0085\u2028\u2029]/g;
const escapes: Readonly<Record<string, string>> = {
  '\u0085': '\\u0085',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** `data` is JSON. */
const frame = (id: string, name: string, data: string): string => `id: ${id}\nevent: ${name}\ndata: ${data}\n\n`;

/** The index of the first event to send. */
const firstEvent = (log: TurnLog, after: StreamPlace | null): number => (after?.attempt === log.attempt ? after.n : 0);

/** Of an attempt that was replaced the reader may have text, which the new one does not go on from. */
const seesAnotherAttempt = (log: TurnLog, after: StreamPlace): boolean => after.attempt < log.attempt && after.n > 0;
