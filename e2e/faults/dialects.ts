import { anthropicMessages } from '../../server/test/model-clients/anthropic-messages.ts';
import { chatCompletions } from '../../server/test/model-clients/chat-completions.ts';
import { geminiContent } from '../../server/test/model-clients/gemini-content.ts';
import type { WireFormat } from '../../server/test/model-clients/wire-format.ts';

/** The dimensions of the matrix beside its shapes. */

export const modes = ['stream', 'json'] as const;
export type Mode = (typeof modes)[number];

/** Whether the bot has another model to go on with. */
export const chains = ['alone', 'followed'] as const;
export type Chain = (typeof chains)[number];

export const dialectNames = ['openai', 'anthropic', 'gemini'] as const;
export type DialectName = (typeof dialectNames)[number];

export type Dialect = {
  /** `PARLEY_PROVIDER_<NAME>_TYPE`. */
  type: string;
  /** What a provider's address ends with. */
  basePath: string;
  wire: WireFormat;
};

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  openai: { type: 'openai-compatible', basePath: '/v1', wire: chatCompletions },
  anthropic: { type: 'anthropic', basePath: '/v1', wire: anthropicMessages },
  gemini: { type: 'google', basePath: '/v1beta', wire: geminiContent },
};
