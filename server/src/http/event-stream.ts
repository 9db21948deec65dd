import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Principal } from '../core/access/principal.ts';
import type { Turn } from '../core/turn/turn.ts';
import type { TurnLog } from '../core/turn/turn-log.ts';
import { LogCursor } from './log-cursor.ts';
import type { StreamSlot } from './open-streams.ts';
import { readerTakes } from './reader-patience.ts';
import type { StreamPlace } from './stream-place.ts';
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

/** Attempts of a turn that one stream is led on to; a turn has fewer. */
const maxMoves = 10;

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

type StreamOptions = {
  slot: StreamSlot;
  /** Finds the turn's log where the one that is told was given up for another attempt. */
  reopen: () => Promise<TurnLog>;
};

/** Takes the reply over and writes the log to it. Returns at once; the slot is released when the stream is done. */
export const streamTurnLog = (
  reply: FastifyReply,
  log: TurnLog,
  options: StreamOptions & {
    principal: Principal;
    turn: Turn;
    after: StreamPlace | null;
    headers?: Record<string, string>;
  },
): void => {
  reply.hijack();
  const response = reply.raw;
  if (response.destroyed) {
    // the reader left while the message was being accepted; no close will be told of any more
    options.slot.release();
    return;
  }
  response.writeHead(200, { ...reply.getHeaders(), ...options.headers, ...streamHeaders } as Record<string, string>);
  new TurnStream(response, new LogCursor(options, log, options.after), options).start();
};

/** One for the process: a timer of its own for each stream would cost as much as a piece. */
const pace = new WritePace();

/**
 * One reader of a turn. Whatever happens in the log has it write soon; how much it writes, and whether it waits, the
 * reader's connection says. A reader that is waited for holds one slice, and its place in the log.
 */
class TurnStream {
  readonly #response: ServerResponse;
  readonly #cursor: LogCursor;
  readonly #options: StreamOptions;
  #scheduled: 'soon' | 'later' | null = null;
  /** True once anything has been sent, if only the headers. */
  #begun = false;
  /** When a piece of the reply was last sent, in milliseconds of `performance.now`. The first is never kept waiting. */
  #pieceAt = Number.NEGATIVE_INFINITY;
  /** True while nothing can be written: the reader is waited for, or the next log. */
  #isWaiting = false;
  /** Logs that were followed by another. */
  #moves = 0;
  #unsubscribe: () => void = () => {};

  constructor(response: ServerResponse, cursor: LogCursor, options: StreamOptions) {
    this.#response = response;
    this.#cursor = cursor;
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#cursor.log.subscribe(this.#schedule);
    this.#options.slot.attach({
      beat: () => this.#response.write(':\n\n'),
      close: () => {
        // what has happened is told before the stream ends, as far as a slice takes it
        this.#write();
        this.#response.end();
      },
    });
    this.#response.once('close', () => this.#done());
    this.#schedule();
  }

  #done(): void {
    this.#unsubscribe();
    this.#options.slot.release();
  }

  /** A piece that closely follows another waits for the next ones; whatever else happens is told at once. */
  readonly #schedule = (): void => {
    if (this.#scheduled === 'soon') return;
    const { log } = this.#cursor;
    if (log.abandoned || log.events.at(-1)?.type !== 'delta') this.#writeSoon();
    else if (this.#scheduled === null) {
      if (performance.now() - this.#pieceAt >= gatherMs) this.#writeSoon();
      else {
        this.#scheduled = 'later';
        pace.later(this.#due);
      }
    }
  };

  #writeSoon(): void {
    this.#scheduled = 'soon';
    pace.soon(this.#due);
  }

  readonly #due = (): void => {
    if (this.#scheduled) this.#write();
  };

  #write(): void {
    this.#scheduled = null;
    const response = this.#response;
    if (response.destroyed || response.writableEnded || this.#isWaiting) return;
    if (response.writableNeedDrain) {
      void this.#waitForReader();
      return;
    }
    const { log } = this.#cursor;
    if (log.result) this.#cursor.repeatEnd();
    const { text, hasPiece } = this.#cursor.take(sliceCharacters);
    if (hasPiece) this.#pieceAt = performance.now();
    const isTold = this.#cursor.isTold;
    if (isTold && log.abandoned && !log.held && !log.result && this.#moves < maxMoves) {
      this.#send(text);
      void this.#moveOn();
    } else if (isTold && (log.result || log.abandoned)) {
      this.#done();
      response.end(text);
    } else if (!this.#send(text)) {
      void this.#waitForReader();
    } else if (!isTold) {
      this.#writeSoon();
    }
  }

  /** False where the connection is full. A reader that has seen all there is so far is told that it is read to. */
  #send(text: string): boolean {
    const response = this.#response;
    const isFirst = !this.#begun;
    this.#begun = true;
    if (text !== '') return isFirst ? response.write(text) : writePiece(response, text);
    if (isFirst) response.flushHeaders();
    return true;
  }

  async #waitForReader(): Promise<void> {
    this.#isWaiting = true;
    await readerTakes(this.#response);
    this.#isWaiting = false;
    this.#write();
  }

  /** The turn goes on, mostly as another attempt: that comes behind a reset, on the same stream. */
  async #moveOn(): Promise<void> {
    this.#isWaiting = true;
    this.#moves += 1;
    this.#unsubscribe();
    const response = this.#response;
    try {
      const following = await this.#options.reopen();
      if (response.destroyed || response.writableEnded) return;
      this.#cursor.moveTo(following);
      this.#isWaiting = false;
      this.#unsubscribe = following.subscribe(this.#schedule);
      this.#schedule();
    } catch {
      // it was not to be found yet: the reader comes back for it
      this.#done();
      response.end();
    }
  }
}
