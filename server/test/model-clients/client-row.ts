import type { Dispatcher } from 'undici';
import type { ChatModel } from '../../src/core/turn/chat-model.ts';
import { createModelClient, type ProviderType } from '../../src/model/create-client.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { chatCompletions } from './chat-completions.ts';
import { geminiContent } from './gemini-content.ts';
import type { WireFormat } from './wire-format.ts';

/** One client and the dialect it speaks: a row of the suite. */
export type ClientRow = {
  type: ProviderType;
  wire: WireFormat;
  create(options: { baseUrl: string; key: string; dispatcher?: Dispatcher }): ChatModel;
};

const row = (type: ProviderType, wire: WireFormat): ClientRow => ({
  type,
  wire,
  create: ({ baseUrl, key, dispatcher }) =>
    createModelClient({ type, url: baseUrl, key }, dispatcher === undefined ? {} : { dispatcher }),
});

export const openAiCompatibleRow = row('openai-compatible', chatCompletions);
export const anthropicRow = row('anthropic', anthropicMessages);
export const googleRow = row('google', geminiContent);
