import type { ChatModel } from '../../core/turn/chat-model.ts';
import type { ClientOptions } from '../exchange/client-options.ts';
import { createDialectClient } from '../exchange/dialect-client.ts';
import { adaptTo } from './adapt.ts';
import { CompletionAnswer } from './answer.ts';
import { buildBody } from './build-body.ts';
import { readEndpoint } from './endpoint.ts';
import { initialQuirks } from './quirks.ts';

const createAnswer = (...given: ConstructorParameters<typeof CompletionAnswer>) => new CompletionAnswer(...given);

/**
 * A client for every server that speaks OpenAI's chat completions: OpenAI, Azure, Ollama, vLLM, llama.cpp, Groq,
 * Mistral, Gemini's compatible endpoint and others. `baseUrl` is with the version and without `/chat/completions`:
 * `https://api.openai.com/v1`. Throws `Error` where URL or key cannot be used.
 */
export const createOpenAiCompatible = (options: ClientOptions): ChatModel =>
  createDialectClient({ readEndpoint, initialQuirks, buildBody, createAnswer, adaptTo }, options);
