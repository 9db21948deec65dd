import type { ChatModelReply } from '../../core/turn/chat-model.ts';

/** `max_tokens`, or a context that the reply has filled to its end. */
const lengthReasons: ReadonlySet<string> = new Set(['max_tokens', 'model_context_window_exceeded']);

/** Anthropic's word for why the reply ended; one that nobody knows yet is an end like any other. */
export const mapFinishReason = (reason: string): ChatModelReply['finishReason'] => {
  if (lengthReasons.has(reason)) return 'length';
  return reason === 'refusal' ? 'content_filter' : 'stop';
};
