import type { EventSourceMessage } from 'eventsource-parser';
import { ChatModelError, type ChatModelReply } from '../../core/turn/chat-model.ts';
import type { Answer } from '../exchange/answer.ts';
import { asList, asRecord, asText, type JsonRecord } from '../exchange/json.ts';
import { isContentFilter, mapFault } from '../exchange/map-error.ts';
import { parseEvent } from '../exchange/parse-event.ts';
import { readFault } from '../exchange/provider-fault.ts';
import type { ReplyText } from '../exchange/reply-text.ts';
import { withStatus } from './map-error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/**
 * One message as it is put together: the events of a stream, or the single object of an answer that is not streamed.
 * https://docs.claude.com/en/docs/build-with-claude/streaming
 */
export class MessageAnswer implements Answer {
  readonly #text: ReplyText;
  readonly #key: string | null;
  #stopReason: string | null = null;
  #usage: JsonRecord = {};
  #pieces = 0;
  #done = false;

  /** `key` is what must not appear in an error. */
  constructor(text: ReplyText, key: string | null) {
    this.#text = text;
    this.#key = key;
  }

  get pieces(): number {
    return this.#pieces;
  }

  get finished(): boolean {
    return this.#stopReason !== null;
  }

  get done(): boolean {
    return this.#done;
  }

  takeEvent({ data, event }: EventSourceMessage): void {
    if (data === '') return;
    const value = asRecord(parseEvent(data));
    if (value === null) throw new ChatModelError('malformed', 'a part of the answer is no JSON object');
    // The name of an event stands in its data too; gateways drop the one or the other.
    switch (asText(value.type) ?? event ?? '') {
      case 'message_start':
        this.#takeMessage(asRecord(value.message));
        break;
      case 'content_block_start':
        this.#takeBlock(asRecord(value.content_block));
        break;
      case 'content_block_delta':
        this.#takeBlock(asRecord(value.delta));
        break;
      case 'message_delta':
        this.#takeEnd(asRecord(value.delta));
        this.#takeUsage(value);
        break;
      case 'message_stop':
        this.#done = true;
        break;
      case 'error':
        this.#takeError(value);
        break;
      default:
        // `ping`, the end of a block, and what later versions of the dialect may add.
        if (value.error) this.#takeError(value);
    }
  }

  takeWhole(value: unknown): void {
    const message = asRecord(value);
    if (message?.type === 'error' || message?.error) {
      this.#takeError(value);
      return;
    }
    if (message === null || asList(message.content) === null) {
      throw new ChatModelError('malformed', 'the answer has no content');
    }
    this.#takeMessage(message);
  }

  reply(): ChatModelReply {
    this.#text.end();
    return {
      finishReason: mapFinishReason(this.#stopReason ?? 'end_turn'),
      usage: mapUsage(this.#usage),
      citations: null,
    };
  }

  #takeMessage(message: JsonRecord | null): void {
    if (message === null) return;
    this.#takeUsage(message);
    for (const block of asList(message.content) ?? []) this.#takeBlock(asRecord(block));
    this.#takeEnd(message);
  }

  /** A block, or a piece of one: `text` and `text_delta`, or thinking, which is not shown. */
  #takeBlock(block: JsonRecord | null): void {
    const text = block?.type === 'text' || block?.type === 'text_delta' ? asText(block.text) : null;
    if (text !== null && text !== '') {
      this.#pieces += 1;
      this.#text.push(text);
    } else if (block?.thinking || block?.type === 'redacted_thinking') {
      this.#pieces += 1;
    }
  }

  #takeEnd(part: JsonRecord | null): void {
    this.#stopReason = asText(part?.stop_reason) ?? this.#stopReason;
  }

  #takeUsage(part: JsonRecord): void {
    const usage = asRecord(part.usage);
    if (usage === null) return;
    const told = Object.entries(usage).filter(([, count]) => count !== null);
    this.#usage = { ...this.#usage, ...Object.fromEntries(told) };
  }

  /** An error inside an answer whose status was 200. Throws `ChatModelError`, unless it was the content filter. */
  #takeError(value: unknown): void {
    const fault = withStatus(readFault(value, null));
    if (!isContentFilter(fault)) throw mapFault(fault, { key: this.#key });
    this.#stopReason = 'refusal';
  }
}
