import { createHash } from 'node:crypto';
import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Breaker } from '../turn/breaker.ts';
import { ChatModelError, type ChatModelErrorKind } from '../turn/chat-model.ts';
import type { EmbeddingModel } from './embedding-model.ts';

/** Questions whose vectors are kept, some 6 KB each: retries, and what everybody asks. */
const maxCached = 1_000;
const cachedMs = 10 * 60 * 1_000;
/** A longer message says what it is about in its first words; every model reads that much. */
const maxQuestionCharacters = 4_000;

/** `skipped`: the model fails so often that it is not asked now. */
export type QuestionVector = { vector: Float32Array } | { failure: ChatModelErrorKind | 'skipped' };

export type EmbedQuestion = (text: string) => Promise<QuestionVector>;

export type EmbedQuestionParts = {
  model: EmbeddingModel;
  breaker: Breaker;
  /** A turn waits no longer; nobody is asked twice in that time. */
  timeoutMs: number;
  clock: Clock;
  onUsed: (used: { texts: number; tokens: number | null }) => void;
  /** For the operator's log. */
  onError: (error: ChatModelError) => void;
};

/** The vectors of questions; equal ones that come together, or shortly after each other, are embedded once. Never throws. */
export const createEmbedQuestion = (parts: EmbedQuestionParts): EmbedQuestion => {
  const known = new BoundedCache<string, Float32Array>({
    maxEntries: maxCached,
    ttlMs: cachedMs,
    clock: parts.clock,
  });
  const underWay = new Map<string, Promise<QuestionVector>>();
  return async (text) => {
    const question = text.slice(0, maxQuestionCharacters).toWellFormed();
    // by its hash, so that no text of a person stays in memory
    const key = createHash('sha256').update(question).digest('base64url');
    const vector = known.get(key);
    if (vector) return { vector };
    const asked = underWay.get(key);
    if (asked) return asked;
    const asking = ask(parts, question).then((result) => {
      if ('vector' in result) known.set(key, result.vector);
      underWay.delete(key);
      return result;
    });
    underWay.set(key, asking);
    return asking;
  };
};

const ask = async (parts: EmbedQuestionParts, question: string): Promise<QuestionVector> => {
  const pass = parts.breaker.admit();
  if (pass === null) return { failure: 'skipped' };
  try {
    const { vectors, tokens } = await parts.model.embed([question], {
      timeoutMs: parts.timeoutMs,
      signal: new AbortController().signal,
    });
    const [vector] = vectors;
    if (!vector) throw new ChatModelError('malformed', 'the answer has no vector');
    pass.done('ok');
    parts.onUsed({ texts: 1, tokens });
    return { vector };
  } catch (thrown) {
    const error =
      thrown instanceof ChatModelError
        ? thrown
        : new ChatModelError('malformed', 'the embedding client failed', { cause: thrown });
    pass.done(error.retryable ? 'failed' : 'ok');
    parts.onError(error);
    return { failure: error.kind };
  }
};
