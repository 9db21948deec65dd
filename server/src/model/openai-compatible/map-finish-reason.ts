import { ChatModelError, type ChatModelReply } from '../../core/turn/chat-model.ts';

const lengthReasons: ReadonlySet<string> = new Set(['length', 'max_tokens', 'model_length', 'max_output_tokens']);

const filterReasons: ReadonlySet<string> = new Set([
  'content_filter',
  'content_filtered',
  'safety',
  'recitation',
  'blocklist',
  'prohibited_content',
  'spii',
  'sensitive',
  'refusal',
]);

/** The provider gave up: OpenRouter's `error`, vLLM's `abort`, DeepSeek's `insufficient_system_resource`. */
const failureReasons: ReadonlySet<string> = new Set(['error', 'abort', 'insufficient_system_resource']);

/**
 * A provider's word for why the reply ended. What nobody knows (`eos`, `tool_calls`, …) is an end like any other.
 * Throws `ChatModelError` where the word says that the reply failed.
 */
export const mapFinishReason = (reason: string): ChatModelReply['finishReason'] => {
  const word = reason.toLowerCase();
  if (lengthReasons.has(word)) return 'length';
  if (filterReasons.has(word)) return 'content_filter';
  if (failureReasons.has(word)) throw new ChatModelError('unavailable', `the provider ended the reply with ${word}`);
  return 'stop';
};
