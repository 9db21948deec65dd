import { noSharedPlaces, type SharedPlaces } from '../core/access/shared-places.ts';
import { ParleyError } from '../core/error.ts';

/** Between two signs of life on a silent stream, so that proxies do not take it for dead. */
const heartbeatMs = 15_000;

/** One open event stream, as the heartbeat sees it. */
export type OpenStream = { beat(): void; close(): void };

/** A place among a workspace's open streams; given back once, however often it is released. */
export type StreamSlot = { attach(stream: OpenStream): void; release(): void };

/** Counts the open streams of each workspace, and keeps them alive with one timer for all. */
export class OpenStreams {
  readonly #counts = new Map<string, number>();
  readonly #streams = new Set<OpenStream>();
  readonly #shared: SharedPlaces;
  #timer: NodeJS.Timeout | null = null;

  constructor(shared: SharedPlaces = noSharedPlaces) {
    this.#shared = shared;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Takes a place before anything is written for the request; throws too_many_streams where none is left. */
  reserve(workspaceId: string, limit: number | null): StreamSlot {
    const count = this.#counts.get(workspaceId) ?? 0;
    if (limit !== null && count >= limit) {
      throw new ParleyError('too_many_streams', `${count} streams are open; the plan allows ${limit}.`, {
        retryAfterSeconds: 1,
      });
    }
    this.#counts.set(workspaceId, count + 1);
    let attached: OpenStream | null = null;
    let released = false;
    return {
      attach: (stream) => {
        attached = stream;
        this.#streams.add(stream);
        this.#timer ??= setInterval(() => this.#beat(), heartbeatMs).unref();
      },
      release: () => {
        if (released) return;
        released = true;
        if (attached) this.#streams.delete(attached);
        this.#giveBack(workspaceId);
      },
    };
  }

  /** As `reserve`, and counted with those on other servers. */
  async reserveShared(workspaceId: string, limit: number | null): Promise<StreamSlot> {
    const slot = this.reserve(workspaceId, limit);
    if (limit === null || (await this.#shared.admit(workspaceId, this.#counts.get(workspaceId) ?? 1, limit)))
      return slot;
    slot.release();
    throw new ParleyError('too_many_streams', `The plan allows ${limit} open streams.`, { retryAfterSeconds: 1 });
  }

  /** Ends every stream; what it was showing goes on and can be resumed. */
  closeAll(): void {
    for (const stream of this.#streams) stream.close();
  }

  #giveBack(workspaceId: string): void {
    const count = (this.#counts.get(workspaceId) ?? 1) - 1;
    if (count > 0) this.#counts.set(workspaceId, count);
    else this.#counts.delete(workspaceId);
    this.#shared.report(workspaceId, count);
    if (this.#streams.size === 0 && this.#timer) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #beat(): void {
    for (const stream of this.#streams) stream.beat();
  }
}
