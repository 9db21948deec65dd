import type { LiveTurn } from '../core/turn/live-turns.ts';
import type { TurnEvent, TurnLog } from '../core/turn/turn-log.ts';
import type { ReplicaBus } from './replica-bus.ts';
import type { MessageOf, SentEvent } from './replica-message.ts';

/** Text sent at once to one process; the next slice follows when the last has left. */
const sliceCharacters = 32 * 1024;
/** A process that has not said for so long that it still reads, does not. */
const watchMs = 15_000;
/** Processes that read one turn at once. */
const maxWatchers = 256;

/** Another process that reads a turn of this one: its place in the log, and nothing else, however slow it is. */
type Watcher = { next: number; sending: boolean; asked: boolean; expiresAt: number };

type Watched = { log: TurnLog; watchers: Map<string, Watcher>; storedUntil: number; leave: () => void };

/**
 * Sends the logs of this process's turns to the processes that have readers of them. Nobody elsewhere reads most turns:
 * those cost nothing.
 */
export class LogPublisher {
  readonly #bus: ReplicaBus;
  readonly #findLive: (turnId: string) => LiveTurn | undefined;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | null = null;

  constructor(bus: ReplicaBus, findLive: (turnId: string) => LiveTurn | undefined) {
    this.#bus = bus;
    this.#findLive = findLive;
    bus.on('watch', (message, from) => this.#watch(message, from));
    bus.on('unwatch', ({ turnId }, from) => this.#unwatch(turnId, from));
  }

  /** Turns that are read elsewhere. */
  get size(): number {
    return this.#watched.size;
  }

  /** True where somebody reads the turn by way of the store. */
  storesLog(turnId: string): boolean {
    return (this.#watched.get(turnId)?.storedUntil ?? 0) > performance.now();
  }

  close(): void {
    for (const turnId of this.#watched.keys()) this.#drop(turnId);
  }

  #watch(message: MessageOf<'watch'>, from: string): void {
    const live = this.#findLive(message.turnId);
    // one that only waits here is nobody's yet
    if (!live?.run) return;
    const watched = this.#watchedOf(live);
    const expiresAt = performance.now() + watchMs;
    if (message.by === 'store') {
      const wanted = watched.storedUntil > performance.now();
      watched.storedUntil = expiresAt;
      if (!wanted) live.keepLog?.();
      return;
    }
    let watcher = watched.watchers.get(from);
    if (!watcher) {
      if (watched.watchers.size >= maxWatchers) return;
      watcher = { next: Infinity, sending: false, asked: false, expiresAt };
      watched.watchers.set(from, watcher);
    }
    const known = message.attempt === watched.log.attempt ? message.have : 0;
    if (message.anew || watcher.next === Infinity) watcher.next = known;
    watcher.expiresAt = expiresAt;
    watcher.asked = true;
    void this.#pump(live.turn.id, watched, from);
  }

  #watchedOf(live: LiveTurn): Watched {
    const turnId = live.turn.id;
    const known = this.#watched.get(turnId);
    if (known?.log === live.log) return known;
    this.#drop(turnId);
    let scheduled = false;
    const watched: Watched = {
      log: live.log,
      watchers: new Map(),
      storedUntil: 0,
      leave: live.log.subscribe(() => {
        if (scheduled) return;
        scheduled = true;
        // behind the reads of this tick, so that pieces that came together leave together
        setImmediate(() => {
          scheduled = false;
          for (const replica of watched.watchers.keys()) void this.#pump(turnId, watched, replica);
        });
      }),
    };
    this.#watched.set(turnId, watched);
    this.#timer ??= setInterval(() => this.#dropExpired(), watchMs / 3).unref();
    return watched;
  }

  /** Sends what a process does not have yet, a slice at a time. */
  async #pump(turnId: string, watched: Watched, replica: string): Promise<void> {
    const watcher = watched.watchers.get(replica);
    if (!watcher || watcher.sending) return;
    watcher.sending = true;
    try {
      for (;;) {
        const { events, next } = sliceOf(watched.log, watcher.next);
        const end = isOver(watched.log) && next >= lastOf(watched.log);
        if (events.length === 0 && !end && !watcher.asked) return;
        const behind = Math.min(watcher.next, lastOf(watched.log));
        watcher.asked = false;
        watcher.next = next;
        const { attempt } = watched.log;
        const sent = await this.#bus.sendText(replica, { type: 'events', turnId, attempt, behind, events, end });
        if (!sent || end) {
          // whoever still reads asks again, or finds in the store what came of the turn
          watched.watchers.delete(replica);
          this.#dropUnused(turnId, watched);
          return;
        }
      }
    } finally {
      watcher.sending = false;
    }
  }

  #unwatch(turnId: string, from: string): void {
    const watched = this.#watched.get(turnId);
    if (watched?.watchers.delete(from)) this.#dropUnused(turnId, watched);
  }

  #dropUnused(turnId: string, watched: Watched): void {
    const used = watched.watchers.size > 0 || (watched.storedUntil > performance.now() && !isOver(watched.log));
    if (!used && this.#watched.get(turnId) === watched) this.#drop(turnId);
  }

  #dropExpired(): void {
    const now = performance.now();
    for (const [turnId, watched] of this.#watched) {
      for (const [replica, { expiresAt }] of watched.watchers) {
        if (expiresAt < now) watched.watchers.delete(replica);
      }
      this.#dropUnused(turnId, watched);
    }
  }

  #drop(turnId: string): void {
    this.#watched.get(turnId)?.leave();
    this.#watched.delete(turnId);
    if (this.#watched.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** True where the log gets no more events that are sent. */
const isOver = (log: TurnLog): boolean => log.result !== null || log.abandoned || log.held;

/** The number of events that are sent of a log: all but the terminal one. */
const lastOf = (log: TurnLog): number => log.events.length - (log.result ? 1 : 0);

const sliceOf = (log: TurnLog, from: number): { events: SentEvent[]; next: number } => {
  const events: SentEvent[] = [];
  let next = from;
  for (let length = 0; next < lastOf(log) && length < sliceCharacters; next++) {
    const event = log.events[next] as Exclude<TurnEvent, { type: 'untold' | 'ended' }>;
    events.push(event.type === 'delta' ? event.text : event);
    length += event.type === 'delta' ? event.text.length : 100;
  }
  return { events, next };
};
