import type { Clock } from '../../kit/clock.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import type { Breaker } from '../turn/breaker.ts';
import { ChatModelError } from '../turn/chat-model.ts';
import { type ModelRetryPolicy, pause, retryDelay } from '../turn/model-retry.ts';
import { type EmbeddingModel, maxTextsPerRequest } from './embedding-model.ts';

/** Tokens of one request, as they are estimated: far below what providers take (OpenAI: 300,000), so that it is soon back. */
const maxTokensPerRequest = 20_000;
/** For a whole request in the background: a small machine embeds so many texts in some ten seconds. */
const requestTimeoutMs = 120_000;
/** A text that is too long for a model is cut to half so often; what is left says what it is about. */
const maxHalvings = 5;

/** Embeds texts in the background. */
export type EmbedTexts = {
  /** `EmbeddingModel.name`. */
  readonly model: string;
  /** One vector a text, of at most `maxTextsPerRequest`. Throws ChatModelError. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
};

export type EmbedTextsParts = {
  model: EmbeddingModel;
  breaker: Breaker;
  retry: ModelRetryPolicy;
  clock: Clock;
  /** Between 0 and 1, for the jitter. */
  random: () => number;
  onUsed: (used: { texts: number; tokens: number | null }) => void;
};

export const createEmbedTexts = (parts: EmbedTextsParts): EmbedTexts => ({
  model: parts.model.name,
  embed: (texts, signal) => embedCutting(parts, texts, { signal, halvings: 0 }),
});

/** In their order, each within the limits of one request, but for a text that is longer than that by itself. */
export const inEmbeddingBatches = <Item extends { text: string }>(items: readonly Item[]): Item[][] => {
  const batches: Item[][] = [];
  let tokens = 0;
  for (const item of items) {
    const itemTokens = estimateTokens(item.text);
    const last = batches.at(-1);
    if (last && last.length < maxTextsPerRequest && tokens + itemTokens <= maxTokensPerRequest) {
      last.push(item);
      tokens += itemTokens;
    } else {
      batches.push([item]);
      tokens = itemTokens;
    }
  }
  return batches;
};

/** Where one of several texts is too long for the model, each is asked for by itself, and that one is cut. */
const embedCutting = async (
  parts: EmbedTextsParts,
  texts: readonly string[],
  { signal, halvings }: { signal: AbortSignal; halvings: number },
): Promise<Float32Array[]> => {
  try {
    return await embedRetrying(parts, texts, signal);
  } catch (error) {
    const tooLong = error instanceof ChatModelError && error.kind === 'context_too_long';
    if (!tooLong || halvings === maxHalvings) throw error;
  }
  if (texts.length > 1) {
    const vectors: Float32Array[] = [];
    for (const text of texts) vectors.push(...(await embedCutting(parts, [text], { signal, halvings })));
    return vectors;
  }
  const [text = ''] = texts;
  const half = text.slice(0, Math.ceil(text.length / 2)).toWellFormed();
  return embedCutting(parts, [half], { signal, halvings: halvings + 1 });
};

const embedRetrying = async (
  parts: EmbedTextsParts,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Float32Array[]> => {
  for (let tries = 1; ; tries += 1) {
    const pass = parts.breaker.admit();
    if (pass === null) throw new ChatModelError('unavailable', 'the embedding model fails too often to be asked now');
    try {
      const { vectors, tokens } = await parts.model.embed(texts, { timeoutMs: requestTimeoutMs, signal });
      pass.done('ok');
      parts.onUsed({ texts: texts.length, tokens });
      return vectors;
    } catch (thrown) {
      if (!(thrown instanceof ChatModelError)) {
        pass.done('neutral');
        throw thrown;
      }
      pass.done(thrown.kind === 'aborted' ? 'neutral' : thrown.retryable ? 'failed' : 'ok');
      const delayMs = retryDelay(thrown, parts.retry, { tries, random: parts.random() });
      if (delayMs === null) throw thrown;
      await pause(delayMs, signal);
      signal.throwIfAborted();
    }
  }
};
