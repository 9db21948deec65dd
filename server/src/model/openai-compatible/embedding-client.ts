import {
  type Embedded,
  type EmbeddingModel,
  type EmbeddingOptions,
  maxTextsPerRequest,
} from '../../core/knowledge/embedding-model.ts';
import { askAdapting } from '../exchange/ask-adapting.ts';
import type { ClientOptions } from '../exchange/client-options.ts';
import { ChatModelError } from '../../core/turn/chat-model.ts';
import { Deadlines } from '../exchange/deadlines.ts';
import { QuirkMemory } from '../exchange/quirk-memory.ts';
import { Sender } from '../exchange/sender.ts';
import { EmbeddingAnswer } from './embedding-answer.ts';
import { adaptEmbeddingTo, type EmbeddingQuirks, initialEmbeddingQuirks } from './embedding-quirks.ts';
import { readEmbeddingsEndpoint } from './endpoint.ts';

export type EmbeddingClientOptions = ClientOptions & {
  /** As the configuration calls it. */
  provider: string;
  /** The name within the provider. */
  model: string;
  /** How long vectors are asked to be; null: as long as the model makes them. */
  dimensions: number | null;
};

/**
 * A client for every server that speaks OpenAI's embeddings: OpenAI, Azure, Ollama, vLLM, llama.cpp, Mistral and others.
 * `baseUrl` is with the version and without `/embeddings`. Throws `Error` where URL or key cannot be used.
 */
export const createEmbeddingClient = (options: EmbeddingClientOptions): EmbeddingModel => new EmbeddingClient(options);

class EmbeddingClient implements EmbeddingModel {
  readonly name: string;
  readonly #options: EmbeddingClientOptions;
  readonly #sender: Sender;
  readonly #memory = new QuirkMemory<EmbeddingQuirks>(() => initialEmbeddingQuirks);

  constructor(options: EmbeddingClientOptions) {
    const { provider, model, dimensions, baseUrl, key } = options;
    this.name = `${provider}/${model}${dimensions === null ? '' : `#${dimensions}`}`;
    this.#options = options;
    this.#sender = new Sender(readEmbeddingsEndpoint(baseUrl, key), options);
  }

  async embed(texts: readonly string[], { timeoutMs, signal }: EmbeddingOptions): Promise<Embedded> {
    if (texts.length === 0) return { vectors: [], tokens: 0 };
    if (texts.length > maxTextsPerRequest) throw new ChatModelError('rejected', 'too many texts for one request');
    const { model, dimensions, key } = this.#options;
    const limits = { connectMs: timeoutMs, firstTokenMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs };
    const deadlines = new Deadlines(limits);
    let answer = new EmbeddingAnswer(texts.length, key);
    await askAdapting({
      model,
      memory: this.#memory,
      key,
      ask: (quirks) => {
        const body = JSON.stringify({
          model,
          input: texts,
          ...(quirks.base64 ? { encoding_format: 'base64' } : {}),
          ...(dimensions === null ? {} : { dimensions }),
        });
        answer = new EmbeddingAnswer(texts.length, key);
        return {
          result: this.#sender.send(body, { answer, deadlines, stream: false, signal }),
          adapt: (fault) => adaptEmbeddingTo(fault, quirks),
        };
      },
    });
    const { vectors, tokens } = answer;
    if (vectors.length === 0) throw new ChatModelError('rejected', 'the provider refuses these texts');
    if (dimensions !== null && vectors[0]?.length !== dimensions) {
      throw new ChatModelError('rejected', `the model does not make vectors of ${dimensions} dimensions`);
    }
    return { vectors, tokens };
  }

  close(): Promise<void> {
    return this.#sender.close();
  }
}
