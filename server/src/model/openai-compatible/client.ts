import type { ChatModel, ChatModelReply, ChatModelRequest } from '../../core/turn/chat-model.ts';
import { contextSize } from '../context-sizes.ts';
import { askAdapting } from '../exchange/ask-adapting.ts';
import type { ClientOptions } from '../exchange/client-options.ts';
import { Deadlines } from '../exchange/deadlines.ts';
import { QuirkMemory } from '../exchange/quirk-memory.ts';
import { ReplyText } from '../exchange/reply-text.ts';
import { Sender } from '../exchange/sender.ts';
import { adaptTo } from './adapt.ts';
import { CompletionAnswer } from './answer.ts';
import { buildBody } from './build-body.ts';
import { readEndpoint } from './endpoint.ts';
import { initialQuirks } from './quirks.ts';

/**
 * A client for every server that speaks OpenAI's chat completions: OpenAI, Azure, Ollama, vLLM, llama.cpp, Groq,
 * Mistral, Gemini's compatible endpoint and others. `baseUrl` is with the version and without `/chat/completions`:
 * `https://api.openai.com/v1`. Throws `Error` where URL or key cannot be used.
 */
export const createOpenAiCompatible = (options: ClientOptions): ChatModel => new OpenAiCompatible(options);

class OpenAiCompatible implements ChatModel {
  readonly #key: string | null;
  readonly #sender: Sender;
  readonly #memory = new QuirkMemory(initialQuirks);

  constructor(options: ClientOptions) {
    this.#key = options.key;
    this.#sender = new Sender(readEndpoint(options.baseUrl, options.key), options);
  }

  contextTokens(model: string): number | null {
    return contextSize(model);
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  async reply(request: ChatModelRequest, onText: (text: string) => void): Promise<ChatModelReply> {
    const deadlines = new Deadlines(request.timeouts);
    return askAdapting({
      model: request.model,
      memory: this.#memory,
      key: this.#key,
      ask: (quirks) => {
        const { body, sent } = buildBody(request, quirks);
        const answer = new CompletionAnswer(new ReplyText(onText), this.#key);
        return {
          result: this.#sender.send(body, { answer, deadlines, stream: request.stream, signal: request.signal }),
          adapt: (fault) => adaptTo(fault, quirks, sent),
        };
      },
    });
  }
}
