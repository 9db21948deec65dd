import type { Clock } from '../../kit/clock.ts';
import { admitFairly, maxCountedJobs, type WaitingJobs } from './admit-fairly.ts';

/** Conversations kept in mind, some 200 bytes each. The one that was silent the longest is forgotten first. */
const maxConversations = 10_000;
/** A look at all of them costs less than a millisecond. */
const lookEveryMs = 2_000;
/** Turns whose messages make a step of summary or packing worth while. */
const turnsPerStep = 8;
/** Messages follow each other in bursts: one job for a burst … */
const defaultQuietMs = 15_000;
/** … unless it does not end. */
const defaultMaxWaitMs = 60_000;
/** Jobs added in one transaction. */
const jobsPerTransaction = 50;

/** A conversation in which a turn has ended. */
export type MovedConversation = {
  workspaceId: string;
  conversationId: string;
  /** True where what the user said may hold facts that are to be remembered. */
  hasFacts: boolean;
  /** True where messages have left the window, or are about to. */
  isFull: boolean;
};

type Noted = {
  workspaceId: string;
  /** Turns since its last job in which messages were leaving the window. */
  turns: number;
  hasFacts: boolean;
  /** When it was first noted since its last job; null where nothing was. */
  since: number | null;
  lastAt: number;
};

type Due = { workspaceId: string; conversationId: string; noted: Noted };

export type MovedConversationsOptions = {
  /** Adds a job for each; a job that waits already is enough. */
  enqueue: (places: { workspaceId: string; conversationId: string }[]) => Promise<void>;
  /** Jobs of this kind that wait, `limit` of them at most. Conversations without room for a job are kept in mind. */
  countWaiting: (limit: number) => Promise<WaitingJobs>;
  clock: Clock;
  onError: (error: unknown) => void;
  quietMs?: number | undefined;
};

/**
 * Conversations that have moved on, so that a job may look after what is remembered of them. Noting one costs a turn
 * nothing but an entry of a map. What is lost with the process is found again by its watermarks, at the conversation's
 * next turn or by the sweep.
 */
export class MovedConversations {
  readonly #options: MovedConversationsOptions;
  readonly #quietMs: number;
  readonly #noted = new Map<string, Noted>();
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> | null = null;

  constructor(options: MovedConversationsOptions) {
    this.#options = options;
    this.#quietMs = options.quietMs ?? defaultQuietMs;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), Math.min(lookEveryMs, this.#quietMs)).unref();
  }

  note({ workspaceId, conversationId, hasFacts, isFull }: MovedConversation): void {
    if (!hasFacts && !isFull) return;
    const at = this.#options.clock();
    const known = this.#noted.get(conversationId);
    if (known) {
      // put back as the youngest
      this.#noted.delete(conversationId);
      known.turns += isFull ? 1 : 0;
      known.hasFacts ||= hasFacts;
      known.since ??= at;
      known.lastAt = at;
    }
    // of one that this process does not know it is better to assume that it lags behind
    const turns = isFull ? turnsPerStep : 0;
    this.#noted.set(conversationId, known ?? { workspaceId, turns, hasFacts, since: at, lastAt: at });
    if (this.#noted.size > maxConversations) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const oldest of this.#noted.keys()) {
      this.#noted.delete(oldest);
      return;
    }
  }

  /** Adds jobs for those that are due. Never throws. */
  async look(): Promise<void> {
    const admit = async (due: readonly Due[]) => admitFairly(due, await this.#options.countWaiting(maxCountedJobs));
    this.#flushing ??= this.#flush((noted) => this.#isDue(noted), admit).finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  /** Hands over all that is still in mind, whether there is room or not: nobody else knows of it. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#flushing;
    await this.#flush(hasWork, (due) => due);
  }

  #isDue(noted: Noted): boolean {
    if (!hasWork(noted)) return false;
    const at = this.#options.clock();
    return at - noted.lastAt >= this.#quietMs || at - noted.since! >= Math.max(this.#quietMs, defaultMaxWaitMs);
  }

  async #flush(
    isDue: (noted: Noted) => boolean,
    admit: (due: readonly Due[]) => readonly Due[] | Promise<readonly Due[]>,
  ): Promise<void> {
    const due = [...this.#noted].flatMap(([conversationId, noted]): Due | [] =>
      isDue(noted) ? { workspaceId: noted.workspaceId, conversationId, noted } : [],
    );
    if (due.length === 0) return;
    try {
      const taken = await admit(due);
      for (let at = 0; at < taken.length; at += jobsPerTransaction) {
        await this.#hand(taken.slice(at, at + jobsPerTransaction));
      }
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #hand(part: readonly Due[]): Promise<void> {
    const before = part.map(({ noted }) => noted.lastAt);
    await this.#options.enqueue(part.map(({ workspaceId, conversationId }) => ({ workspaceId, conversationId })));
    for (const [index, { noted }] of part.entries()) {
      // a turn that ended meanwhile is work for the next job
      if (noted.lastAt !== before[index]) continue;
      noted.turns = 0;
      noted.hasFacts = false;
      noted.since = null;
    }
  }
}

const hasWork = ({ since, hasFacts, turns }: Noted): boolean => since !== null && (hasFacts || turns >= turnsPerStep);
