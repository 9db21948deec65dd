import type { ChatModelReply } from '../../core/turn/chat-model.ts';

/** How one HTTP request ended, where it did not fail: with a reply, or with an error status and what it says. */
export type ExchangeResult =
  | { kind: 'replied'; reply: ChatModelReply }
  | { kind: 'refused'; status: number; body: string; retryAfterMs: number | null };
