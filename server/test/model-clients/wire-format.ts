import type { ChatModelReply, ModelUsage } from '../../src/core/turn/chat-model.ts';

export type WireFinish = Extract<ChatModelReply['finishReason'], 'stop' | 'length' | 'content_filter'>;

/** What went wrong, in the words of a vendor. */
export type WireFault = 'overloaded' | 'rate_limited' | 'unavailable' | 'rejected' | 'context_too_long';

/** How a vendor writes what a test wants its model to say. Events are strings with their blank line. */
export type WireFormat = {
  name: string;
  /** `POST … HTTP/1.1`, for a base URL of `baseUrl` and the model `some-model`. */
  requestLine: { stream: string; whole: string };
  /** The header that carries the key. */
  keyHeader: (key: string) => [name: string, value: string];
  /** What comes before any text. */
  begin: (usage?: ModelUsage) => string[];
  text: (text: string) => string;
  thinking: (text: string) => string;
  /** Something that keeps the connection alive and is no piece of the reply. */
  idle: string;
  /** Says why the reply ended, and what it cost. */
  finish: (reason?: WireFinish, usage?: ModelUsage) => string[];
  /** What marks the end of the stream; empty where only the end of the body does. */
  last: string[];
  /** The same with counts that cannot be right. */
  absurdUsage: (count: number) => string[];
  /** An answer that is not streamed. */
  whole: (text: string, options?: { reason?: WireFinish; usage?: ModelUsage; thinking?: string }) => unknown;
  /** The model declines, in its own words: both forms of the answer. */
  refusal: (text: string) => { events: string[]; whole: unknown };
  /** The model calls a tool that it was not given, its arguments are cut by the limit on the reply, and it says nothing. */
  cutToolCall: { events: string[]; whole: unknown };
  /** The body of an answer with an error status. */
  error: (message: string) => unknown;
  /** An error inside a stream. */
  errorEvent: (fault: WireFault) => string;
  /** The message's words as they were sent, oldest first. */
  messagesOf: (body: Record<string, unknown>) => { role: 'user' | 'assistant'; text: string }[];
};

export const dataEvent = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
