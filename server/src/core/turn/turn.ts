import type { ErrorCode } from '@parley/protocol/error-catalogue';
import type { Mode } from '../access/principal.ts';
import type { OnBusy } from '../bot/bot.ts';
import type { TurnMemory, WantedMemory } from '../memory/turn-memory.ts';
import type { Channel, Citation, Message, MessageRole } from '../conversation/conversation.ts';
import type { HeldEvent } from '../webhook/outbox.ts';

/**
 * A turn: one user message (several where merged) and the work of replying to it.
 *
 * - attempt: one run of the model for the turn; a crash may cost one and start the next.
 * - fence: a number that grows whenever the turn changes hands; whoever holds an older one can write nothing.
 * - lease: until when the owner's hold is good without being renewed.
 * - owner: the process that runs the turn.
 */
export type TurnStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled' | 'interrupted';

export type FinishReason =
  | 'stop'
  | 'length'
  | 'content_filter'
  | 'fallback'
  | 'model_fallback'
  | 'human'
  | 'cancelled'
  | 'error';

/** Why a running turn was asked to end. */
export type StopRequest = 'cancel' | 'interrupt';

export type Turn = {
  id: string;
  workspaceId: string;
  conversationId: string;
  botId: string;
  botVersion: number;
  userId: string | null;
  channel: Channel;
  mode: Mode;
  /** `principalName` of whoever sent the message. */
  principal: string;
  status: TurnStatus;
  finishReason: FinishReason | null;
  errorCode: ErrorCode | null;
  /** The first of its `turnSeats` places in the conversation. */
  seqBase: number;
  attempt: number;
  fence: number;
  /** Key and value pairs of this call, shown to the model as data. */
  context: Record<string, string>;
  /** `provider/model`, once it is known which one answered. */
  model: string | null;
  inputTokens: number;
  outputTokens: number;
  /** Messages of the quota it was charged. */
  charged: number;
  /** Who holds a reservation or a charge for it, outermost first; nobody in test mode. */
  quotaOwners: readonly QuotaOwner[];
  /** The period in which it was accepted, and in which it is charged. */
  periodStart: number;
  createdAt: number;
  startedAt: number | null;
  completedAt: number | null;
};

/** A turn as the world sees it: with its reply, where there is one. */
export type TurnWithReply = { turn: Turn; reply: Message | null };

export const isEnded = (status: TurnStatus): boolean => status !== 'queued' && status !== 'running';

/** Who holds a reservation or a charge for a turn. */
export type QuotaOwner = { workspaceId: string; ownerId: string };

/** A node of the quota tree on a turn's path, outermost first, with the limits in force. */
export type QuotaShare = QuotaOwner & { limit: number | null; warnAt: number | null };

export type AcceptTurn = {
  workspaceId: string;
  turnId: string;
  botId: string;
  botVersion: number;
  channel: Channel;
  mode: Mode;
  principal: string;
  userId: string | null;
  conversationId: string | null;
  newConversation: boolean;
  onBusy: OnBusy;
  /** At most so many turns may wait in a conversation. */
  maxQueued: number;
  message: { id: string; text: string; tokens: number; metadata: Record<string, string> };
  greeting: { id: string; text: string; tokens: number } | null;
  /** The id a conversation gets that must be started. */
  newConversationId: string;
  context: Record<string, string>;
  /**
   * Tokens that the model has room for beside the bot's instructions: what context and messages of one turn may take where
   * they are merged. No bound where it is left out.
   */
  roomTokens?: number;
  quota: { periodStart: number; periodEnd: number; shares: readonly QuotaShare[] };
  idempotency: { route: string; key: string; fingerprint: string; expiresAt: number } | null;
  lease: Lease;
  /** Messages before the turn's own to return when it starts at once. */
  historyLimit: number;
  /** What of its memory to return with them; nothing by default. */
  memory?: WantedMemory;
  at: number;
};

export type Lease = { owner: string; durationMs: number };

/** As much of a message as a model needs. */
export type TurnMessage = { seq: number; turnId: string | null; role: MessageRole; text: string; tokens: number };

/** A turn in the hands of this process, with what is needed to run it. */
export type ClaimedTurn = {
  turn: Turn;
  /** The user's messages of the turn, oldest first. */
  messages: TurnMessage[];
  /** What came before it, oldest first. */
  history: TurnMessage[];
  memory: TurnMemory;
  conversationStatus: 'open' | 'human' | 'closed';
};

/** A turn that nobody ran any more, now in the hands of this process. */
export type TakenTurn = {
  claimed: ClaimedTurn;
  /** The text that its last attempt had stored. */
  partial: string | null;
  /** True where it was waiting and never started. */
  waited: boolean;
  /** True where its last owner gave it up, rather than died with it. */
  released: boolean;
  /** What its last owner had been asked and did not come to do. */
  stop: StopRequest | null;
};

export type AcceptedTurn =
  | {
      kind: 'accepted';
      turn: Turn;
      /** Null where the turn must wait. */
      claimed: ClaimedTurn | null;
      /** The running turn, which `on_busy: interrupt` has asked to end. */
      interrupted: string | null;
      /** After the reservation, of its own workspace's share with the least left; null where none has a limit. */
      quota: { used: number; reserved: number; limit: number } | null;
    }
  /** The message joined a waiting turn. */
  | { kind: 'merged'; turn: Turn }
  /** The Idempotency-Key has made this turn before. */
  | { kind: 'replayed'; turn: Turn };

export type FinishTurn = {
  /** As it was claimed; its fence decides whether the end is written. */
  turn: Turn;
  status: 'completed' | 'failed' | 'cancelled' | 'interrupted';
  finishReason: FinishReason;
  errorCode: ErrorCode | null;
  reply: { id: string; text: string; tokens: number; citations: Citation[] } | null;
  model: string | null;
  inputTokens: number;
  outputTokens: number;
  /** True settles the reservation as one message, false releases it. */
  charge: boolean;
  /** As `receipt-record.ts` packs it; null where the model was not asked. */
  receipt: string | null;
  /** JSON of `turn-log-record.ts`. */
  log: string;
  /** How the next waiting turn is claimed; null leaves it to another process. */
  lease: Lease | null;
  historyLimit: number;
  /** For so long this process alone sends what the outbox tells of this end; 0 leaves it to whoever looks first. */
  eventHeldMs?: number;
  at: number;
};

/** A message of the quota for a turn that was accepted without. */
export type ReserveTurn = {
  /** As it was claimed; its fence decides whether anything is reserved. */
  turn: Turn;
  quota: AcceptTurn['quota'];
};

export type FinishedTurn = {
  result: TurnWithReply;
  /** What the outbox tells of it, where somebody listens and this process holds it. */
  event: HeldEvent | null;
  /** The next turn of the conversation, now this process's to run. */
  next: ClaimedTurn | null;
};

/** An ended turn's stored log and receipt. */
export type TurnRecord = {
  /** Null once it has expired. */
  log: string | null;
  receipt: string | null;
};

export type Feedback = { rating: 'up' | 'down'; comment: string | null };
