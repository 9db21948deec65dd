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
/** Turns that are looked for in one statement. */
const maxLookedFor = 500;

type Awaited = { turn: Turn; log: TurnLog; since: number; lonely: boolean };

export type AwaitedRepliesParts = {
  conversations: Pick<ConversationReader, 'findAwaitedTurns'>;
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
  /** The same, by conversation; of more than one turn only until the earlier ones are settled. */
  readonly #byConversation = new Map<string, Set<Awaited>>();
  #looking = false;
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
    if (!(await this.#findAwaited([turn])).has(turn.id)) await this.#settle(turn, log);
    return log;
  }

  /** Looks whether turns of the conversation still wait: after the commit of what may have changed that. */
  look(conversation: { workspaceId: string; conversationId: string }): void {
    void this.#settleAnswered(this.#of(conversation)).catch(this.#parts.onError);
  }

  #of({ workspaceId, conversationId }: { workspaceId: string; conversationId: string }): Awaited[] {
    const known = [...(this.#byConversation.get(conversationId) ?? [])];
    return known.filter(({ turn }) => turn.workspaceId === workspaceId);
  }

  #add(turn: Turn, log: TurnLog): void {
    const awaited = { turn, log, since: this.#parts.clock(), lonely: false };
    this.#awaited.set(turn.id, awaited);
    const ofConversation = this.#byConversation.get(turn.conversationId);
    if (ofConversation) ofConversation.add(awaited);
    else this.#byConversation.set(turn.conversationId, new Set([awaited]));
    this.#timer ??= setInterval(() => void this.#round(), lookEveryMs).unref();
  }

  #remove(turnId: string): void {
    const awaited = this.#awaited.get(turnId);
    if (!awaited) return;
    this.#awaited.delete(turnId);
    const { conversationId } = awaited.turn;
    const ofConversation = this.#byConversation.get(conversationId);
    ofConversation?.delete(awaited);
    if (ofConversation?.size === 0) this.#byConversation.delete(conversationId);
    if (this.#awaited.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** One at a time: where the store is slow the next look comes later, and no absence counts twice. */
  async #round(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const read = [...this.#awaited.values()].filter((awaited) => this.#staysOn(awaited));
      for (let at = 0; at < read.length; at += maxLookedFor) {
        await this.#settleAnswered(read.slice(at, at + maxLookedFor));
      }
    } catch (error) {
      this.#parts.onError(error);
    } finally {
      this.#looking = false;
    }
  }

  /** True where somebody reads it; lets go what nobody reads, and who has waited too long. */
  #staysOn(awaited: Awaited): boolean {
    const { turn, log, since, lonely } = awaited;
    if (this.#parts.clock() - since > maxWaitMs) {
      this.#remove(turn.id);
      log.abandon();
      return false;
    }
    const isRead = log.readerCount > 0;
    if (!isRead && lonely) this.#remove(turn.id);
    // a reader that is just coming is given until the next round
    awaited.lonely = !isRead;
    return isRead;
  }

  #findAwaited(turns: readonly Turn[]): Promise<ReadonlySet<string>> {
    return this.#parts.conversations.findAwaitedTurns(
      turns.map(({ workspaceId, id }) => ({ workspaceId, turnId: id })),
    );
  }

  async #settleAnswered(asked: readonly Awaited[]): Promise<void> {
    if (asked.length === 0) return;
    const awaited = await this.#findAwaited(asked.map(({ turn }) => turn));
    for (const { turn, log } of asked) if (!awaited.has(turn.id)) await this.#settle(turn, log);
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
