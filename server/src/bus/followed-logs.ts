import { ParleyError } from '../core/error.ts';
import { isEnded, type Turn, type TurnWithReply } from '../core/turn/turn.ts';
import { endedAsGone } from '../core/turn/turn-end.ts';
import { TurnLog } from '../core/turn/turn-log.ts';
import { briefLog, unpackOpenLog, unpackTurnLog } from '../core/turn/turn-log-record.ts';
import type { TurnProgress, TurnProgressReader } from '../core/turn/turn-progress.ts';
import type { TurnReader } from '../core/turn/turn-store.ts';
import type { ReplicaBus } from './replica-bus.ts';
import type { MessageOf, SentEvent } from './replica-message.ts';

/** Turns of other processes that are read here at once. */
const maxFollowed = 10_000;
/** Turns that are looked for in one statement. */
const maxLookedFor = 500;
/** How often it is seen to that every log goes on. */
const roundMs = 250;
/** How often the store is asked of a turn that only waits: whoever starts it says so, unless that is lost. */
const waitingLookMs = 1_000;
/** How often whoever sends is told that somebody still reads. */
const renewMs = 2_000;
/** Who was sent nothing for so long, not even that there is nothing new, looks into the store. */
const servedMs = 5_000;
/** Rounds without a reader after which a log is let go; one that is just coming is waited for. */
const lonelyRounds = 8;

/** What the runner of this process does with a log that another process has written. */
export type FollowedEnds = {
  ended: (log: TurnLog, result: TurnWithReply) => void;
  abandoned: (log: TurnLog) => void;
};

type Followed = {
  turn: Turn;
  log: TurnLog;
  /** Whether the turn still waits in this process; null for a log that is here for its readers alone. */
  waits: (() => boolean) | null;
  lonely: number;
  /** Rounds in which neither another process nor the store said anything. */
  unserved: number;
  servedUntil: number;
  watchAt: number;
  lookAt: number;
  /** The length of the packed log that was read last. */
  knownLength: number;
  completing: boolean;
};

type Parts = {
  bus: ReplicaBus;
  turns: Pick<TurnReader, 'find' | 'findRecord' | 'findCharge'>;
  progress: TurnProgressReader;
  ends: FollowedEnds;
  onError: (error: unknown) => void;
};

/**
 * The logs here of turns that run in other processes: one a turn, however many read it. Their events come from whoever
 * runs the turn; where they do not, from what is stored of it. Both give the same events under the same numbers. The end
 * always comes from the store.
 */
export class FollowedLogs {
  readonly #parts: Parts;
  readonly #followed = new Map<string, Followed>();
  #timer: NodeJS.Timeout | null = null;
  #looking = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.bus.on('events', (message) => this.#receive(message));
    parts.bus.on('started', ({ turnId }) => this.#hasStarted(turnId));
  }

  /** Turns of other processes that are followed. */
  get size(): number {
    return this.#followed.size;
  }

  /** Those of them that run, and that somebody reads. */
  get read(): number {
    return [...this.#followed.values()].filter((one) => one.log.readerCount > 0 && !isWaiting(one)).length;
  }

  /** Throws overloaded. */
  follow(turn: Turn): TurnLog {
    const known = this.#followed.get(turn.id);
    if (known && known.log.attempt >= turn.attempt) return known.log;
    if (known) this.#abandon(known);
    if (this.#followed.size >= maxFollowed) throw new ParleyError('overloaded', undefined, { retryAfterSeconds: 5 });
    const log = new TurnLog(turn.id, turn.attempt);
    if (turn.status === 'queued') log.append({ type: 'queued' });
    this.#add({ turn, log, waits: null });
    return log;
  }

  /** The turn has come to run here: whoever has read it as another process's is led on to its own log. */
  cameHere(turnId: string): void {
    const followed = this.#followed.get(turnId);
    if (followed?.waits === null) this.#abandon(followed);
  }

  /** Past the limit a turn is told once it runs here, or by a resume. */
  accompany(turn: Turn, log: TurnLog, waits: () => boolean): void {
    // a retry may have come for it before it was put into line
    this.cameHere(turn.id);
    if (this.#followed.size < maxFollowed) this.#add({ turn, log, waits });
  }

  /** Gives every log up: whoever reads one here goes elsewhere. */
  close(): void {
    for (const { log } of this.#followed.values()) log.abandon();
    this.#followed.clear();
    this.#rest();
  }

  #add(parts: Pick<Followed, 'turn' | 'log' | 'waits'>): void {
    const now = performance.now();
    const times = { servedUntil: 0, watchAt: 0, lookAt: now + roundMs };
    const followed = { ...parts, ...times, lonely: 0, unserved: 0, knownLength: 0, completing: false };
    this.#followed.set(parts.turn.id, followed);
    if (parts.turn.status === 'queued') followed.lookAt = now + waitingLookMs;
    else this.#watch(followed, { anew: true });
    this.#timer ??= setInterval(() => this.#round(), roundMs).unref();
  }

  #drop({ turn, log }: Followed): void {
    if (this.#followed.get(turn.id)?.log === log) this.#followed.delete(turn.id);
    if (this.#followed.size === 0) this.#rest();
  }

  #rest(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #abandon(followed: Followed): void {
    this.#drop(followed);
    this.#parts.ends.abandoned(followed.log);
  }

  #isOver(followed: Followed): boolean {
    if (followed.waits) return !followed.waits();
    followed.lonely = followed.log.readerCount > 0 ? 0 : followed.lonely + 1;
    return followed.lonely > lonelyRounds;
  }

  #round(): void {
    const now = performance.now();
    const due: Followed[] = [];
    for (const followed of this.#followed.values()) {
      if (this.#isOver(followed)) {
        this.#drop(followed);
        if (!followed.waits) this.#parts.bus.tell({ type: 'unwatch', turnId: followed.turn.id });
        continue;
      }
      const served = this.#parts.bus.carriesText && now < followed.servedUntil;
      if (now >= followed.watchAt && !isWaiting(followed)) this.#watch(followed, { anew: !served });
      if (!served && now >= followed.lookAt && due.length < maxLookedFor) due.push(followed);
    }
    if (due.length > 0 && !this.#looking) void this.#look(due);
  }

  #watch(followed: Followed, { anew }: { anew: boolean }): void {
    const { bus } = this.#parts;
    const { turn, log } = followed;
    followed.watchAt = performance.now() + renewMs;
    const watch = { type: 'watch', turnId: turn.id, attempt: log.attempt, have: log.events.length, anew } as const;
    if (bus.carriesText) bus.tell({ ...watch, by: 'events' });
    // one that is not answered may run where text cannot be sent
    if (!bus.carriesText || followed.unserved > 0) bus.tell({ ...watch, by: 'store' }, { everyWay: true });
  }

  #hasStarted(turnId: string): void {
    const followed = this.#followed.get(turnId);
    if (!followed || this.#isOver(followed)) return;
    if (isWaiting(followed)) followed.log.append({ type: 'started' });
    followed.servedUntil = 0;
    followed.lookAt = 0;
    this.#watch(followed, { anew: true });
  }

  #receive({ turnId, attempt, behind, events, end }: MessageOf<'events'>): void {
    const followed = this.#followed.get(turnId);
    if (!followed || followed.completing || attempt < followed.log.attempt) return;
    if (attempt > followed.log.attempt) {
      this.#abandon(followed);
      return;
    }
    followed.servedUntil = performance.now() + servedMs;
    followed.unserved = 0;
    const have = followed.log.events.length;
    if (behind > have) this.#watch(followed, { anew: true });
    else this.#append(followed, events.slice(have - behind));
    if (end) void this.#complete(followed);
  }

  #append(followed: Followed, events: readonly SentEvent[]): void {
    // one that has come to run here meanwhile writes its log itself
    if (followed.waits?.() === false) {
      this.#drop(followed);
      return;
    }
    for (const event of events) followed.log.append(typeof event === 'string' ? { type: 'delta', text: event } : event);
  }

  async #look(due: readonly Followed[]): Promise<void> {
    this.#looking = true;
    try {
      const found = await this.#parts.progress.find(
        due.map(({ turn, knownLength }) => ({ workspaceId: turn.workspaceId, turnId: turn.id, knownLength })),
      );
      const byId = new Map(found.map((progress) => [progress.turnId, progress]));
      for (const followed of due) {
        followed.unserved += 1;
        this.#see(followed, byId.get(followed.turn.id));
      }
    } catch (error) {
      this.#parts.onError(error);
    } finally {
      this.#looking = false;
    }
  }

  #see(followed: Followed, progress: TurnProgress | undefined): void {
    const { log, turn } = followed;
    if (this.#followed.get(turn.id) !== followed || followed.completing) return;
    if (!progress || isEnded(progress.status)) {
      void this.#complete(followed);
      return;
    }
    if (progress.attempt > log.attempt) {
      this.#abandon(followed);
      return;
    }
    followed.lookAt = performance.now() + (progress.status === 'queued' ? waitingLookMs : roundMs);
    if (progress.status === 'queued') return;
    if (isWaiting(followed)) {
      this.#append(followed, [{ type: 'started' }]);
      this.#watch(followed, { anew: true });
    }
    if (!progress.stored) return;
    followed.knownLength = progress.stored.log.length;
    const stored = unpackOpenLog(progress.stored.log, { turnId: turn.id, text: progress.stored.text });
    if (stored.attempt !== log.attempt) return;
    for (const event of stored.events.slice(log.events.length)) {
      if (followed.waits?.() === false) return;
      log.append(event);
    }
  }

  /** Reads how the turn ended, and tells what the log does not have of it yet. */
  async #complete(followed: Followed): Promise<void> {
    if (followed.completing) return;
    followed.completing = true;
    const { turn, log } = followed;
    try {
      const result = await this.#parts.turns.find(turn.workspaceId, turn.id);
      if (result && !isEnded(result.turn.status)) {
        // its owner let it go; the next one is looked for
        followed.servedUntil = 0;
        return;
      }
      const record = result && (await this.#parts.turns.findRecord(turn.workspaceId, turn.id));
      const gone = result ? null : await endedAsGone(this.#parts.turns, turn);
      if (this.#followed.get(turn.id) !== followed) return;
      this.#drop(followed);
      if (followed.waits?.() === false) return;
      if (gone) this.#parts.ends.ended(log, gone);
      else if (result) this.#end(log, { result, packed: record?.log ?? briefLog(result) });
    } catch (error) {
      this.#parts.onError(error);
    } finally {
      followed.completing = false;
    }
  }

  #end(log: TurnLog, { result, packed }: { result: TurnWithReply; packed: string }): void {
    const whole = unpackTurnLog(packed, result);
    if (whole.attempt !== log.attempt) {
      this.#parts.ends.abandoned(log);
      return;
    }
    for (const event of whole.events.slice(log.events.length, -1)) log.append(event);
    this.#parts.ends.ended(log, result);
  }
}

/** True while all that is known of the turn is that it waits. */
const isWaiting = ({ turn, log }: Followed): boolean => turn.status === 'queued' && log.events.length <= 1;
