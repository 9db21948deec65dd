import type {
  AcceptedTurn,
  AcceptTurn,
  ClaimedTurn,
  FinishedTurn,
  FinishTurn,
  Lease,
  ReserveTurn,
  StopRequest,
  TakenTurn,
  Turn,
  TurnRecord,
  TurnWithReply,
} from './turn.ts';

/** Turns for reading. */
export interface TurnReader {
  find(workspaceId: string, turnId: string): Promise<TurnWithReply | null>;
  findRecord(workspaceId: string, turnId: string): Promise<TurnRecord | null>;
  /**
   * What a turn was charged, in messages, as the ledger says it: also where nothing else is left of the turn. `turn` is as it
   * was known before.
   */
  findCharge(turn: Turn): Promise<number>;
  /** Messages of a conversation by their places; those that were deleted are absent. */
  findMessages(
    workspaceId: string,
    conversationId: string,
    places: readonly number[],
  ): Promise<Map<number, { id: string; text: string }>>;
}

/**
 * The transactions of a turn's life. Each is one unit: it is durable when its promise settles, or nothing of it happened.
 * Errors are `ParleyError`s.
 */
export interface TurnStore extends TurnReader {
  /**
   * T1. Idempotency row, conversation, the user's message, the claim on the conversation, the reservation and the turn.
   * Throws not_found, conversation_busy, too_many_queued, quota_exceeded, idempotency_mismatch.
   *
   * `onWritten`: where the disk is awaited beside the event loop, a turn that may run at once is given here meanwhile. Its
   * model may be asked then, and nobody may be told. Only ever before the promise settles.
   */
  accept(input: AcceptTurn, onWritten?: (claimed: ClaimedTurn) => void): Promise<AcceptedTurn>;
  /**
   * Reserves a message for a running turn that has none, and notes with whom. Gives the turn with its owners, also where it
   * has got a reservation meanwhile; null where the fence is no longer ours. Throws quota_exceeded, and then nothing is
   * reserved.
   */
  reserve(input: ReserveTurn): Promise<Turn | null>;
  /**
   * T2. The reply, the settled or released reservation, the records and the outbox; then the next waiting turn is
   * claimed. Null where the fence is no longer ours: the turn was taken over or deleted, and nothing was written.
   * Throws internal_error where such an end will never be taken, whenever it is tried.
   */
  finish(input: FinishTurn): Promise<FinishedTurn | null>;
  /**
   * Stores the text so far, with the receipt of the attempt, and renews the lease. False where the fence is not ours.
   * `log`: the packed log as far as the text goes, for readers of another process.
   */
  keepPartial(input: {
    workspaceId: string;
    turnId: string;
    fence: number;
    text: string;
    receipt: string | null;
    log?: string;
    lease: Lease;
    at: number;
  }): Promise<boolean>;
  /** Renews leases; gives the ids of turns that are no longer ours or that were asked to stop meanwhile. */
  renew(
    turns: readonly { workspaceId: string; turnId: string; fence: number }[],
    lease: Lease,
    at: number,
  ): Promise<{ lost: string[]; stops: { turnId: string; request: StopRequest }[] }>;
  /**
   * Gives up running turns: whoever looks next takes them, however long their leases would have lasted. The fence grows,
   * so that nothing that is still under way from here is written.
   */
  release(turns: readonly { workspaceId: string; turnId: string; fence: number }[]): Promise<void>;
  /**
   * Asks a turn to end. A waiting turn ends at once, without a charge, and is returned; a running one is marked for its
   * owner. An ended one is left as it is. Null where there is no such turn.
   */
  requestStop(input: {
    workspaceId: string;
    turnId: string;
    request: StopRequest;
    /** The event log of a turn that ends while it waits. */
    log: string;
    at: number;
  }): Promise<{ kind: 'ended'; result: TurnWithReply } | { kind: 'requested' } | null>;
  /**
   * Takes over at most `limit` running turns whose lease ran out, and waiting turns that no running one is ahead of.
   * Attempt and fence grow. By the clock of the database where several processes share one, else by `at`.
   */
  takeOver(input: {
    lease: Lease;
    /** Every running turn of another owner is taken at once: right where only one process can have the store open. */
    soleOwner: boolean;
    /** Ids of turns that are not taken, however long ago their leases ran out: this process runs them. */
    except: readonly string[];
    historyLimit: number;
    limit: number;
    at: number;
  }): Promise<TakenTurn[]>;
  /** Turns that wait for their conversation, in no order, at most `limit`. */
  listWaiting(limit: number): Promise<Turn[]>;
  /** Drops logs of turns that ended before `endedBefore`, at most `limit`; gives their number. */
  pruneLogs(endedBefore: number, limit: number): Promise<number>;
}
