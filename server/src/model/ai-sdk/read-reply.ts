import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { ChatModelError, type ChatModelReply } from '../../core/turn/chat-model.ts';
import { asRecord } from '../exchange/json.ts';
import { isContentFilter, mapFault } from '../exchange/map-error.ts';
import { readFault } from '../exchange/provider-fault.ts';
import type { ReplyText } from '../exchange/reply-text.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

export type ReadOptions = {
  text: ReplyText;
  /** What must not appear in an error. */
  key: string | null;
  /** Called for every piece of text or thinking. */
  onPiece: () => void;
};

const filtered: ChatModelReply = { finishReason: 'content_filter', usage: null, citations: null };

/**
 * A reply from the parts that a vendor's package makes of a stream. Throws `ChatModelError`, and what the package
 * throws.
 */
export const readParts = async (
  stream: ReadableStream<LanguageModelV4StreamPart>,
  options: ReadOptions,
): Promise<ChatModelReply> => {
  let last: unknown = null;
  let chunks = 0;
  // Other parts are warnings, sources, the beginnings and ends of blocks: nothing that a reply is made of.
  for await (const part of stream) {
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
      if (part.delta === '') continue;
      options.onPiece();
      if (part.type === 'text-delta') options.text.push(part.delta);
    } else if (part.type === 'raw') {
      chunks += 1;
      last = part.rawValue;
    } else if (part.type === 'error') {
      return failOf(last, options.key);
    } else if (part.type === 'finish') {
      if (chunks === 0) throw new ChatModelError('malformed', 'the answer is no event stream');
      const finishReason = mapFinishReason(part.finishReason);
      options.text.end();
      return { finishReason, usage: mapUsage(part.usage), citations: null };
    }
  }
  throw new ChatModelError('unavailable', 'the stream ended before the reply did');
};

/** A reply from the whole answer. Throws `ChatModelError`. */
export const readWhole = (
  { content, finishReason, usage, response }: LanguageModelV4GenerateResult,
  { text, key }: ReadOptions,
): ChatModelReply => {
  const pieces = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  // A package takes an object without any of its members for an answer that says nothing.
  if (pieces.length === 0 && finishReason.raw === undefined && finishReason.unified !== 'content-filter') {
    return failOf(response?.body, key);
  }
  const reason = mapFinishReason(finishReason);
  for (const piece of pieces) text.push(piece);
  text.end();
  return { finishReason: reason, usage: mapUsage(usage), citations: null };
};

/** From a part of an answer that the package could not take: an error in the provider's own words, or nonsense. */
const failOf = (value: unknown, key: string | null): ChatModelReply => {
  if (!asRecord(value)?.error) throw new ChatModelError('malformed', 'a part of the answer could not be understood');
  const fault = readFault(value, null);
  if (isContentFilter(fault)) return filtered;
  throw mapFault(fault, { key });
};
