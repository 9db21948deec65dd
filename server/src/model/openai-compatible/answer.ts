import type { EventSourceMessage } from 'eventsource-parser';
import { ChatModelError, type ChatModelReply } from '../../core/turn/chat-model.ts';
import type { Answer } from '../exchange/answer.ts';
import { asList, asRecord, asText, type JsonRecord } from '../exchange/json.ts';
import { isContentFilter, mapFault } from '../exchange/map-error.ts';
import { readFault } from '../exchange/provider-fault.ts';
import type { ReplyText } from '../exchange/reply-text.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';
import { ReadChunks } from './read-chunks.ts';

/**
 * One answer as it is put together from JSON values: the chunks of a stream, or the single object of an answer that is
 * not streamed. https://platform.openai.com/docs/api-reference/chat
 */
export class CompletionAnswer implements Answer {
  readonly #text: ReplyText;
  readonly #key: string | null;
  readonly #chunks = new ReadChunks(this);
  #finishReason: string | null = null;
  #usage: ChatModelReply['usage'] = null;
  #refused = false;
  #pieces = 0;

  /** `key` is what must not appear in an error. */
  constructor(text: ReplyText, key: string | null) {
    this.#text = text;
    this.#key = key;
  }

  get pieces(): number {
    return this.#pieces;
  }

  get finished(): boolean {
    return this.#finishReason !== null;
  }

  get done(): boolean {
    return this.#chunks.done;
  }

  takeEvent(event: EventSourceMessage): void {
    this.#chunks.read(event);
  }

  takeWhole(value: unknown): void {
    this.take(value);
    if (!this.finished && asRecord(asList(asRecord(value)?.choices)?.[0]) === null) {
      throw new ChatModelError('malformed', 'the answer has no choices');
    }
  }

  /** A chunk, or the whole. Throws `ChatModelError` where it is an error of the provider, or the reply is too long. */
  take(value: unknown): void {
    const record = asRecord(value);
    if (record === null) throw new ChatModelError('malformed', 'a part of the answer is no JSON object');
    if (record.error || record.object === 'error') {
      this.takeError(value);
      return;
    }
    const choice = asRecord(asList(record.choices)?.[0]);
    if (choice !== null && (choice.index ?? 0) === 0) this.#takeChoice(choice);
    this.#usage = mapUsage(record) ?? this.#usage;
  }

  /** A piece of the reply's text. */
  takeText(text: string): void {
    this.#pieces += 1;
    this.#text.push(text);
  }

  /** An error inside an answer whose status was 200. Throws `ChatModelError`, unless it was the content filter. */
  takeError(value: unknown): void {
    const fault = readFault(value, null);
    if (!isContentFilter(fault)) throw mapFault(fault, { key: this.#key });
    this.#finishReason = 'content_filter';
  }

  reply(): ChatModelReply {
    const finishReason = mapFinishReason(this.#finishReason ?? 'stop');
    this.#text.end();
    return {
      finishReason: this.#refused ? 'content_filter' : finishReason,
      usage: this.#usage,
      citations: null,
    };
  }

  #takeChoice(choice: JsonRecord): void {
    const delta = asRecord(choice.delta);
    // Some servers repeat the whole message beside the last delta; it counts only where it is all there is.
    const message = delta ?? (this.#text.started ? null : asRecord(choice.message));
    if (message !== null) this.#takeMessage(message);
    const reason = asText(choice.finish_reason);
    if (reason !== null && reason !== '') this.#finishReason = reason;
  }

  #takeMessage(message: JsonRecord): void {
    const content = typeof message.content === 'string' ? message.content : joinParts(message.content);
    if (content !== '') {
      this.takeText(content);
    } else if (hasThinking(message)) {
      this.#pieces += 1;
    }
    const refusal = asText(message.refusal);
    if (refusal === null || refusal === '') return;
    // A refusal is the model's own words to the user, in a member of its own.
    this.#refused = true;
    this.takeText(refusal);
  }
}

/** The text of a content that is a list of parts; parts of other kinds (Mistral's `thinking`) are no reply. */
const joinParts = (content: unknown): string => {
  let text = '';
  for (const part of asList(content) ?? []) {
    const record = asRecord(part);
    if (record === null) text += asText(part) ?? '';
    else if (record.type === undefined || record.type === 'text') text += asText(record.text) ?? '';
  }
  return text;
};

/** `reasoning_content` (DeepSeek, vLLM, llama.cpp), `reasoning` (OpenRouter, Groq, Ollama), or a part (Mistral). */
const hasThinking = (message: JsonRecord): boolean => {
  const thinking = message.reasoning_content ?? message.reasoning;
  return (typeof thinking === 'string' && thinking !== '') || (asList(message.content)?.length ?? 0) > 0;
};
