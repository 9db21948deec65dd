import type { LanguageModelV4FinishReason } from '@ai-sdk/provider';
import { ChatModelError, type ChatModelReply } from '../../core/turn/chat-model.ts';

/** Why the reply ended. Throws `ChatModelError` where it did not end well. */
export const mapFinishReason = ({ unified, raw }: LanguageModelV4FinishReason): ChatModelReply['finishReason'] => {
  switch (unified) {
    case 'length':
      return 'length';
    case 'content-filter':
      return 'content_filter';
    case 'error':
      throw new ChatModelError('unavailable', `the provider ended the reply with ${raw ?? 'an error'}`);
    case 'interrupted':
      throw new ChatModelError('unavailable', 'the stream ended before the reply did');
    case 'stop':
    case 'tool-calls':
    case 'other':
      return 'stop';
  }
};
