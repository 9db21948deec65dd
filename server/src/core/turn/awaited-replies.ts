import type { Clock } from '../../kit/clock.ts';
import { type Message, textOf } from '../conversation/conversation.ts';
import type { ConversationReader } from '../conversation/conversation-store.ts';
import { ParleyError } from '../error.ts';
import type { Turn, TurnWithReply } from './turn.ts';
import { endedAsGone } from './turn-end.ts';
import type { TurnLog } from './turn-log.ts';
import { reopenTurnLog } from './turn-log-record.ts';
import type { TurnReader } from './turn-store.ts';

/** Turns of one process whose readers wait for a person. */
const maxAwaited = 10_000;
/** A reader waits at most so long on one connection; then it is cut off, and may resume. */
const maxWaitMs = 30 * 60 * 1_000;
/** What other processes write, and what is deleted, is announced to nobody here. */
const lookEveryMs = 2_000;

type Awaited = { turn: Turn; log: TurnLog; since: number; lonely: boolean };

export type AwaitedRepliesParts = {
  conversations: Pick<ConversationReader, 'findAwaitedTurn'>;
  turns: Pick<TurnReader, 'find' | 'findCharge'>;
  clock: Clock;
  onError: (error: unknown) => void;
};

/** True for a turn that ended because a person has the conversation in hand, who has not answered it. */
export const mayBeAnswered = ({ turn, reply }: TurnWithReply): boolean =>
  turn.status === 'completed' && turn.finishReason === 'human' && reply === null;

/**
 * The logs of turns that wait for a person, for those who stay on their stream. Of a conversation only the latest turn
 * waits. Whether it still does is always read from the store: a reply, a release and a deletion come to the same look.
 */
export class AwaitedReplies {
  readonly #parts: AwaitedRepliesParts;
  readonly #awaited = new Map<string, Awaited>();
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: AwaitedRepliesParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#awaited.size;
  }

  /**
   * Goes on with the log of a turn that has just ended here; ends it where nobody stays for the reply. `expected`: a
   * reader may be about to come.
   */
  keep(log: TurnLog, result: TurnWithReply, { expected }: { expected: boolean }): void {
    log.hold(result);
    for (const { turn, log: earlier } of this.#of(result.turn)) {
      if (turn.id !== result.turn.id) void this.#settle(turn, earlier);
    }
    const wanted = expected || log.readerCount > 0;
    if (!wanted || this.#awaited.size >= maxAwaited) log.append({ type: 'ended', result });
    else this.#add(result.turn, log);
  }

  /** The log of a turn that ended, for a reader who stays. Throws overloaded. */
  async open(known: TurnWithReply, packed: string): Promise<TurnLog> {
    const { turn } = known;
    const open = this.#awaited.get(turn.id);
    if (open) return open.log;
    if (this.#awaited.size >= maxAwaited) throw new ParleyError('overloaded', undefined, { retryAfterSeconds: 5 });
    const log = reopenTurnLog(packed, known);
    this.#add(turn, log);
    // the reply may have come between the caller's look and this: whoever comes now is told by the next line
    if (!(await this.#isAwaited(turn))) await this.#settle(turn, log);
    return log;
  }

  /** Looks whether turns of the conversation still wait: after the commit of what may have changed that. */
  look(conversation: { workspaceId: string; conversationId: string }): void {
    for (const { turn, log } of this.#of(conversation)) void this.#settleWhereAnswered(turn, log);
  }

  #of({ workspaceId, conversationId }: { workspaceId: string; conversationId: string }): Awaited[] {
    return [...this.#awaited.values()].filter(
      ({ turn }) => turn.conversationId === conversationId && turn.workspaceId === workspaceId,
    );
  }

  #add(turn: Turn, log: TurnLog): void {
    this.#awaited.set(turn.id, { turn, log, since: this.#parts.clock(), lonely: false });
    this.#timer ??= setInterval(() => void this.#round(), lookEveryMs).unref();
  }

  #remove(turnId: string): void {
    this.#awaited.delete(turnId);
    if (this.#awaited.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  async #round(): Promise<void> {
    for (const awaited of this.#awaited.values()) {
      const { turn, log, since, lonely } = awaited;
      if (this.#parts.clock() - since > maxWaitMs) {
        this.#remove(turn.id);
        log.abandon();
      } else if (log.readerCount > 0) {
        awaited.lonely = false;
        await this.#settleWhereAnswered(turn, log);
      } else if (lonely) this.#remove(turn.id);
      // a reader that is just coming is given until the next round
      else awaited.lonely = true;
    }
  }

  async #isAwaited({ workspaceId, conversationId, id }: Turn): Promise<boolean> {
    return (await this.#parts.conversations.findAwaitedTurn(workspaceId, conversationId)) === id;
  }

  async #settleWhereAnswered(turn: Turn, log: TurnLog): Promise<void> {
    try {
      if (!(await this.#isAwaited(turn))) await this.#settle(turn, log);
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  /** Tells the readers what came of the turn. */
  async #settle(turn: Turn, log: TurnLog): Promise<void> {
    try {
      const { turns } = this.#parts;
      // gone with its conversation, its user or its bot: nobody answers any more, and there is nothing to come back for
      const result = (await turns.find(turn.workspaceId, turn.id)) ?? (await endedAsGone(turns, turn));
      this.#remove(turn.id);
      // two looks may have come here at once
      if (log.result) return;
      if (result.reply) log.append({ type: 'delta', text: textOf(result.reply satisfies Message) });
      log.append({ type: 'ended', result });
    } catch (error) {
      this.#parts.onError(error);
    }
  }
}
