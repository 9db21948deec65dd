import type { FactOrigin } from '../memory/fact.ts';
import type { RecallReason } from '../recall/find-recall.ts';
import type { VectorOutcome } from '../knowledge/vector-search.ts';
import type { ChatModelErrorKind, ModelUsage } from './chat-model.ts';

/**
 * What a model was shown for a turn, by places, ids, hashes and token counts; `receipt-record.ts` stores it. The texts stay where they are and
 * are looked up when the receipt is read, so that what was deleted is gone from receipts too.
 */
export type Receipt = {
  budget: { limitTokens: number; usedTokens: number };
  sections: ReceiptSection[];
  leftOut: LeftOut[];
  attempts: ModelAttempt[];
  /** Milliseconds by step: `retrieve`, `compose`, `first_token`, `model`. */
  timingsMs: Record<string, number>;
  /** By the prices of the day of the turn; null where nothing was used, or a price is not known. */
  cost: TurnCost | null;
  /** What came of the search of knowledge by meaning, beside that by words; absent or null where there is none. */
  vectors?: VectorOutcome | null;
};

/** Amounts in a currency of ISO 4217. */
export type TurnCost = { currency: string; input: number; output: number; total: number };

export type ReceiptKind = 'instructions' | 'facts' | 'summary' | 'recall' | 'knowledge' | 'history' | 'message';

export type ReceiptSection = { kind: ReceiptKind; tokens: number; items: ReceiptItem[] };

export type ReceiptItem = {
  /** The place of a message in its conversation. */
  seq?: number;
  chunkId?: string;
  sourceId?: string;
  score?: number;
  tokens: number;
  /** True for an earlier message that knowledge was searched with, since the question leans on it. */
  searched?: boolean;
  /** True for a passage that the reply cites. */
  cited?: boolean;
  /** The id of a message that may be in another conversation. */
  messageId?: string;
  /**
   * How a fact came to be known: by the call's `context`, by a trait, or because the operator set it or the user said it;
   * and why a message was recalled.
   */
  origin?: 'context' | FactOrigin | RecallReason;
  /** By which what is remembered is found again: the id of a fact, or a hash of a trait or a summary. */
  reference?: string;
  /** SHA-256 of a text that is composed again when the receipt is read; a mismatch shows as no text. */
  hash?: string;
};

export type LeftOut = {
  kind: ReceiptKind;
  seq?: number;
  chunkId?: string;
  messageId?: string;
  /** A fact that was known and not shown. */
  reference?: string;
  reason: 'window' | 'budget' | 'score' | 'duplicate';
};

/** One call of a model within the turn. */
export type ModelAttempt = {
  /** `provider/model`. */
  model: string;
  status: 'ok' | 'failed' | 'skipped';
  error: ChatModelErrorKind | null;
  firstTokenMs: number | null;
  totalMs: number;
  /** Null where nothing is known of it, as for most attempts that failed. */
  usage: AttemptUsage | null;
};

/** `estimated` where it was counted here, since the provider did not say. */
export type AttemptUsage = ModelUsage & { estimated: boolean };
