import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Bot } from '../bot/bot.ts';
import { ParleyError } from '../error.ts';
import type { MovedConversation } from '../memory/moved-conversations.ts';
import { type AwaitedReplies, mayBeAnswered } from './awaited-replies.ts';
import { type Answer, type AnswerParts, answerTurn, codeOf, endWithout } from './answer-turn.ts';
import { type LiveTurn, LiveTurns } from './live-turns.ts';
import { movedBy } from './moved-by.ts';
import { PartialKeeper } from './partial-keeper.ts';
import type { Receipt } from './receipt.ts';
import { packReceipt } from './receipt-record.ts';
import { reserveLate, type ReserveLateParts } from './reserve-late.ts';
import { isPassing, retryPassing, storeRetryMs } from './store-retry.ts';
import {
  type ClaimedTurn,
  type FinishedTurn,
  type FinishTurn,
  isEnded,
  type Lease,
  type StopRequest,
  type TakenTurn,
  type Turn,
} from './turn.ts';
import { endedAsGone, finishOf, leftBehind } from './turn-end.ts';
import { TurnIntake } from './turn-intake.ts';
import { TurnLog } from './turn-log.ts';
import { packTurnLog } from './turn-log-record.ts';
import type { TakeOverReason, TurnObserver } from './turn-observer.ts';
import type { TurnRelay } from './turn-relay.ts';
import type { TurnStore } from './turn-store.ts';

/** Attempts of a turn over its life: the first, and one after a crash. */
const maxAttempts = 2;
/**
 * The same where the last owner gave the turn up: a roll-out may meet a long turn on one server after the other, and a store
 * that is away for a while gets well within about a minute and a half of tries, or the turn ends as failed.
 */
const maxReleasedAttempts = 10;

export type TurnRunnerParts = AnswerParts &
  Pick<ReserveLateParts, 'sharesOf'> & {
    turns: TurnStore;
    /** The bot as the version that the turn names describes it. */
    loadBot: (turn: Turn) => Promise<Bot | null>;
    /** Messages of history the bot may see, by its own setting and the workspace's plan. */
    windowOf: (bot: Bot) => Promise<number>;
    /** The most messages of history that any plan shows, and one more. */
    historyLimit: number;
    lease: Lease;
    observer: TurnObserver;
    /** Told behind T2 that there may be something to remember. It must cost next to nothing, and not throw. */
    onMoved?: (moved: MovedConversation) => void;
    awaited: AwaitedReplies;
    /** To other processes of the installation. */
    relay: TurnRelay;
  };

/**
 * Runs turns to their end, whoever listens: the model's text goes to the turn's log, the result to the store, and then
 * the conversation to its next turn. One for a process.
 */
export class TurnRunner {
  readonly live = new LiveTurns();
  readonly #parts: TurnRunnerParts;
  /** Turns that were deleted before they were known here. */
  readonly #deleted = new BoundedCache<string, true>({ maxEntries: 10_000, ttlMs: 60_000 });
  readonly #intake = new TurnIntake();

  constructor(parts: TurnRunnerParts) {
    this.#parts = parts;
  }

  /** Streams of ended turns that go on until a person has answered. */
  get awaited(): AwaitedReplies {
    return this.#parts.awaited;
  }

  /** A log for a turn that waits for its conversation. */
  enqueue(turn: Turn): LiveTurn {
    // it may have been given the conversation, and so have been started, by the turn before it in the meantime
    const started = this.live.get(turn.id);
    if (started) return started;
    const live = this.#line(turn);
    // another process may pass the conversation to it, and then runs it
    this.#parts.relay.accompany(turn, live.log, () => live.run === null && this.live.get(turn.id) === live);
    return live;
  }

  #line(turn: Turn): LiveTurn {
    const live = this.#track(turn);
    live.log.append({ type: 'queued' });
    if (this.#intake.handedOver) void this.#giveUp([live]);
    if (this.#deleted.get(turn.id)) this.#endGone(live);
    return live;
  }

  /** Runs a turn that this process holds. Returns at once; the log tells the rest. */
  start(claimed: ClaimedTurn, options: { readAlong: boolean }): LiveTurn {
    const known = this.live.get(claimed.turn.id);
    // it was begun while its message was brought to the disk; or word of a claim comes so late that the turn was taken
    // over here meanwhile
    if (known?.run && known.turn.fence >= claimed.turn.fence) return known;
    const live = known ?? this.#track(claimed.turn);
    live.turn = claimed.turn;
    live.readAlong ||= options.readAlong;
    live.run = { abort: new AbortController() };
    live.log.append({ type: 'started' });
    void (this.#intake.handedOver ? this.#giveUp([live]) : this.#run(claimed, live));
    return live;
  }

  /** Continues what another owner left behind: keeps the text it had stored, or runs the turn again. */
  resume(taken: TakenTurn): void {
    const { claimed, partial, stop, waited, released } = taken;
    const { turn } = claimed;
    this.#parts.observer.takenOver(takeOverReason(taken));
    if (waited) this.#noteWait(turn);
    this.#parts.relay.started(turn.id);
    // the log of one that waited goes on where its readers are; that of an attempt that broke off is no more
    if (waited) {
      if (!this.live.get(turn.id)) this.#line(turn);
    } else {
      // another process may have had it in between: what still runs of it here can store nothing any more, and whoever
      // has waited here comes back for the new attempt
      const known = this.live.get(turn.id);
      if (known && !this.stop(turn.id, 'cancel')) known.log.abandon();
      this.live.remove(turn.id);
    }
    if (!partial && !stop && turn.attempt <= (released ? maxReleasedAttempts : maxAttempts)) {
      this.start(claimed, { readAlong: true });
      return;
    }
    const live = this.live.get(turn.id) ?? this.#track(turn);
    live.turn = turn;
    live.run = { abort: new AbortController() };
    live.log.append({ type: 'started' });
    if (partial) live.log.append({ type: 'delta', text: partial });
    void this.#finish(live, turn, leftBehind({ partial, stop }));
  }

  /** Asks a running turn of this process to end; false where it does not run here. */
  stop(turnId: string, request: StopRequest): boolean {
    const live = this.live.get(turnId);
    if (!live?.run) return false;
    live.stop ??= request;
    live.run.abort.abort();
    return true;
  }

  /** Asks a turn to end wherever it runs; that it was asked is in the store already. */
  stopAnywhere(turnId: string, request: StopRequest): void {
    if (!this.stop(turnId, request)) this.#parts.relay.stop(turnId, request);
  }

  /** The log of a turn that waits or runs in another process; null where there is none. Throws overloaded. */
  follow(turn: Turn): TurnLog | null {
    return this.#parts.relay.follow(turn);
  }

  /** Tells readers of a turn that ran in another process how it ended; they have all of its other events. */
  endElsewhere(log: TurnLog, result: FinishedTurn['result']): void {
    this.#leave(log);
    if (mayBeAnswered(result)) this.#parts.awaited.keep(log, result, { expected: false });
    else log.append({ type: 'ended', result });
  }

  /** Ends the streams of a turn that goes on in another process as another attempt; their readers come back for it. */
  abandonElsewhere(log: TurnLog): void {
    this.#leave(log);
    log.abandon();
  }

  #leave(log: TurnLog): void {
    if (this.live.get(log.turnId)?.log === log) this.live.remove(log.turnId);
  }

  /** Tells readers of a waiting turn how it ended. One that runs tells them by itself. */
  endWaiting(turnId: string, result: FinishedTurn['result']): void {
    const live = this.live.get(turnId);
    if (!live || live.run) return;
    this.live.remove(turnId);
    live.log.append({ type: 'ended', result });
  }

  /** Tells runs and readers of turns that were ended together with their conversation. */
  endDeleted(turnIds: readonly string[]): void {
    for (const turnId of turnIds) {
      const live = this.live.get(turnId);
      // where connections are several, its acceptance may be told of behind its deletion
      if (!live) this.#deleted.set(turnId, true);
      // a run ends by itself: its result meets a newer fence, and is not stored
      else if (!this.stop(turnId, 'cancel')) this.#endGone(live);
    }
  }

  #endGone(live: LiveTurn): void {
    this.live.remove(live.turn.id);
    void this.#endLost(live);
  }

  /** For as long as `work` makes a turn of a message: a stop waits for that, and then for the turn. */
  accepting<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#intake.accepting(work);
  }

  /** True once what was here has been given up, and nothing is begun or followed any more. */
  get handedOver(): boolean {
    return this.#intake.handedOver;
  }

  /** True once only what is here is brought to its end. */
  get draining(): boolean {
    return this.#intake.draining;
  }

  /**
   * Takes no turns of others any more, and resolves when those that run or wait here have ended, at the latest after
   * `waitMs`. One that waits behind another is as much somebody's open request as that other.
   */
  drain(waitMs: number): Promise<void> {
    return this.#intake.drain(waitMs, () => this.live.size + this.#parts.relay.readHere);
  }

  /**
   * Gives up what still runs or waits here, so that whoever looks next takes it: nothing more of it is stored, and its
   * readers come back to where it goes on. For when leases are no longer renewed.
   */
  async handOver(): Promise<void> {
    this.#intake.close();
    await this.#giveUp([...this.live.running(), ...this.live.waiting()]);
  }

  async #giveUp(lives: readonly LiveTurn[]): Promise<void> {
    const running = lives.filter(({ run }) => run !== null);
    for (const live of lives) {
      live.run?.abort.abort();
      // a later attempt of it may run here by now
      if (this.live.get(live.turn.id) === live) this.live.remove(live.turn.id);
    }
    const held = running.map(({ turn }) => ({ workspaceId: turn.workspaceId, turnId: turn.id, fence: turn.fence }));
    try {
      if (held.length > 0) await this.#parts.turns.release(held);
    } catch (error) {
      // their leases run out by themselves
      for (const { turnId } of held) this.#parts.observer.storeFailed(turnId, error);
    }
    // behind the release, so that whoever comes back at once may find it taken
    for (const { log } of lives) log.abandon();
  }

  #track(turn: Turn): LiveTurn {
    const live: LiveTurn = {
      turn,
      log: new TurnLog(turn.id, turn.attempt),
      run: null,
      stop: null,
      keepLog: null,
      readAlong: false,
      historyLimit: this.#parts.historyLimit,
    };
    this.live.add(live);
    return live;
  }

  async #run(claimed: ClaimedTurn, live: LiveTurn): Promise<void> {
    let { turn } = claimed;
    let answer: Answer;
    try {
      const reserved = await reserveLate(this.#parts, claimed);
      if (reserved) live.turn = turn = reserved;
      // taken over or deleted: the fence keeps this from being stored
      answer = reserved ? await this.#answerAtLast({ ...claimed, turn }, live) : endWithout('cancelled', 'cancelled');
    } catch (error) {
      if (isPassing(error)) {
        await this.#leaveUnwell(live, turn, error);
        return;
      }
      const code = codeOf(error);
      if (code === 'internal_error') this.#parts.observer.broke(turn, error);
      answer = endWithout('failed', 'error', code);
    }
    // broken off for another to begin anew, which is no end of the turn
    if (this.#intake.handedOver) return;
    await this.#finish(live, turn, answer);
  }

  /** Where the store is away for a moment the turn begins anew, unless somebody has seen text of it. */
  #answerAtLast(claimed: ClaimedTurn, live: LiveTurn): Promise<Answer> {
    return retryPassing(() => this.#answer(claimed, live), {
      signal: live.run!.abort.signal,
      mayRepeat: () => !hasText(live.log),
      onFailed: (error) => this.#parts.observer.storeFailed(live.turn.id, error),
    });
  }

  /**
   * The store did not give what the turn needs, for all the tries there are. That is no end of it: the message was accepted,
   * and whatever was stored as the turn's error would be told under its key for a day. Another attempt begins once somebody
   * finds the turn given up. What was asked to stop meanwhile stops here.
   */
  async #leaveUnwell(live: LiveTurn, turn: Turn, error: ParleyError): Promise<void> {
    if (this.#intake.handedOver) return;
    if (live.run?.abort.signal.aborted && !hasText(live.log)) {
      await this.#finish(live, turn, leftBehind({ partial: null, stop: live.stop ?? 'cancel' }));
      return;
    }
    this.#parts.observer.storeFailed(turn.id, error);
    await this.#giveUp([live]);
  }

  async #answer(claimed: ClaimedTurn, live: LiveTurn): Promise<Answer> {
    const { turn } = claimed;
    const bot = await this.#parts.loadBot(turn);
    // its bot was deleted meanwhile, and the turn with it: the fence keeps this from being stored
    if (!bot) return endWithout('cancelled', 'cancelled');
    let receipt: (() => Receipt) | null = null;
    const keeper = new PartialKeeper({
      turns: this.#parts.turns,
      place: { workspaceId: turn.workspaceId, turnId: turn.id, fence: turn.fence },
      lease: this.#parts.lease,
      receipt: () => (receipt ? packReceipt(receipt()) : null),
      log: () => (this.#parts.relay.wantsLog(turn.id) ? packTurnLog(live.log) : null),
    });
    live.keepLog = () => keeper.keepAgain();
    const window = await this.#parts.windowOf(bot);
    live.historyLimit = window + 1;
    live.moved = movedBy(claimed, bot, window);
    try {
      return await answerTurn(this.#parts, {
        claimed,
        bot,
        window,
        stream: live.readAlong,
        signal: live.run!.abort.signal,
        stopRequest: () => live.stop,
        onText: (text) => {
          live.log.append({ type: 'delta', text });
          keeper.add(text);
        },
        onModelError: (model, error) => {
          if (error.kind !== 'aborted') this.#parts.observer.modelFailed(turn, model, error);
        },
        onComposed: (composed) => {
          receipt = composed;
        },
      });
    } finally {
      keeper.end();
    }
  }

  async #finish(live: LiveTurn, turn: Turn, answer: Answer): Promise<void> {
    const lease = this.#intake.handedOver ? null : this.#parts.lease;
    const finished = await this.#store(finishOf(live, turn, { answer, lease }), () =>
      finishOf(live, turn, { answer: endWithout('failed', 'error', 'internal_error'), lease }),
    );
    // a later attempt of it may run here by now, whose lease must go on being renewed
    if (this.live.get(turn.id) === live) this.live.remove(turn.id);
    if (!finished) {
      await this.#endLost(live);
      return;
    }
    if (mayBeAnswered(finished.result)) {
      this.#parts.awaited.keep(live.log, finished.result, { expected: live.readAlong });
    } else live.log.append({ type: 'ended', result: finished.result });
    this.#parts.observer.ended(finished.result.turn, answer.receipt?.timingsMs ?? {});
    if (live.moved) this.#parts.onMoved?.(live.moved);
    if (!finished.next) return;
    this.#noteWait(finished.next.turn);
    // it is already here, unless it was accepted by an earlier process
    if (!this.live.get(finished.next.turn.id)) {
      this.#line(finished.next.turn);
      this.#parts.relay.started(finished.next.turn.id);
    }
    this.start(finished.next, { readAlong: true });
  }

  /** Its clock may be another process's. */
  #noteWait({ createdAt }: Turn): void {
    this.#parts.observer.waited(Math.max(0, Date.now() - createdAt));
  }

  /**
   * Null where the turn is no longer ours. What cannot be stored is tried again while its lease can be held; in place of
   * what will never be stored, the turn ends as `failed` says: whoever takes it over would meet the same.
   */
  async #store(answered: FinishTurn, failed: () => FinishTurn): Promise<FinishedTurn | null> {
    let input = answered;
    for (let tries = 0; ;) {
      try {
        const finished = await this.#parts.turns.finish(input);
        if (!finished) this.#parts.observer.endRefused();
        return finished;
      } catch (error) {
        // costs no try, since it happens once
        if (input === answered && error instanceof ParleyError && error.code === 'internal_error') {
          this.#parts.observer.broke(input.turn, error);
          input = failed();
          continue;
        }
        this.#parts.observer.storeFailed(input.turn.id, error);
        const pauseMs = storeRetryMs[tries];
        if (pauseMs === undefined) return null;
        tries += 1;
        await new Promise((resolve) => {
          setTimeout(resolve, pauseMs);
        });
      }
    }
  }

  /**
   * The turn was taken over, deleted or could not be stored. Its readers get what the store says of it; one that is gone
   * with its conversation ends as cancelled, with nothing in it but what it was charged.
   */
  async #endLost({ turn, log }: LiveTurn): Promise<void> {
    try {
      const known = await this.#parts.turns.find(turn.workspaceId, turn.id);
      if (!known) log.append({ type: 'ended', result: await endedAsGone(this.#parts.turns, turn) });
      else if (isEnded(known.turn.status) && known.turn.attempt === log.attempt) {
        log.append({ type: 'ended', result: known });
      }
      // it goes on, or has ended, as another attempt, whose text is not joined to this one's
      else log.abandon();
    } catch {
      log.abandon();
    }
  }
}

const hasText = (log: TurnLog): boolean => log.events.some(({ type }) => type === 'delta');

const takeOverReason = ({ waited, released }: TakenTurn): TakeOverReason => {
  if (waited) return 'waiting';
  return released ? 'released' : 'expired';
};
