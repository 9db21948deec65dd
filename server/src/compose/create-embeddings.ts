import { BotVectors } from '../core/knowledge/bot-vectors.ts';
import { DatabaseVectors } from '../core/knowledge/database-vectors.ts';
import { createEmbedQuestion } from '../core/knowledge/embed-question.ts';
import { createEmbedTexts, type EmbedTexts } from '../core/knowledge/embed-texts.ts';
import type { EmbeddingModel } from '../core/knowledge/embedding-model.ts';
import type { VectorDatabase } from '../core/knowledge/vector-database.ts';
import { createVectorSearch, type VectorSearch } from '../core/knowledge/vector-search.ts';
import { Breakers } from '../core/turn/breaker.ts';
import type { ChatModelError } from '../core/turn/chat-model.ts';
import { defaultModelRetryPolicy } from '../core/turn/model-retry.ts';
import type { Count, Metrics } from '../http/metrics.ts';
import { systemClock } from '../kit/clock.ts';
import { VectorScanner } from '../kit/vectors/vector-scanner.ts';
import { createEmbeddingModel } from '../model/create-embedding-model.ts';
import type { Environment } from './environment.ts';

/** The search by meaning; all of it is null where no embedding model is configured. */
export type Embeddings = {
  texts: EmbedTexts | null;
  search: VectorSearch | null;
  /** For those who keep it up to date. A failure is logged: vectors are searched in memory as long as it lasts. */
  database: Pick<VectorDatabase, 'isBehind' | 'keepUp'> | null;
  /** What drops remembered vectors; without an id, those of every bot. */
  forget: (botId?: string) => void;
  close(): Promise<void>;
};

const none: Embeddings = {
  texts: null,
  search: null,
  database: null,
  forget: () => {},
  close: () => Promise.resolve(),
};

export const createEmbeddings = ({ config, logger, store }: Environment, metrics: Metrics): Embeddings => {
  const onUsed = countUse(metrics);
  if (config.embeddings === null) return none;
  const { timeoutMs, memoryBytes, pgvector } = config.embeddings;
  const model = createEmbeddingModel(config.embeddings);
  const breakers = new Breakers(systemClock);
  const onError = (error: unknown): void => logger.error({ err: error }, 'vectors could not be searched');
  const scanner = new VectorScanner({
    maxBytes: memoryBytes,
    onLost: (error) => {
      onError(error);
      memory.lost();
    },
  });
  const reader = store.readers.vectors;
  const shared = { model: model.name, clock: systemClock, onError };
  const memory = new BotVectors({ ...shared, reader, scanner, maxBytes: memoryBytes });
  const database = pgvector === 'off' ? null : store.vectorDatabase;
  const bots = database === null ? memory : new DatabaseVectors({ ...shared, database, memory });
  const embedQuestion = createEmbedQuestion({
    model,
    // apart, so that an import that a provider slows down leaves questions their vectors
    breaker: breakers.of('questions'),
    timeoutMs,
    clock: systemClock,
    onUsed,
    onError: (error) => logFailure(logger, model, error),
  });
  return {
    texts: createEmbedTexts({
      model,
      breaker: breakers.of('texts'),
      retry: defaultModelRetryPolicy,
      clock: systemClock,
      random: Math.random,
      onUsed,
    }),
    search: createVectorSearch({ bots, reader, embedQuestion, model: model.name, timeoutMs, onError }),
    database: database && forgiving(database, logger),
    forget: (botId) => bots.forget(botId),
    async close() {
      await scanner.close();
      await model.close();
    },
  };
};

const forgiving = (database: VectorDatabase, logger: Environment['logger']): Embeddings['database'] => ({
  async isBehind(scope) {
    try {
      return await database.isBehind(scope);
    } catch (error) {
      logger.warn({ err: error }, 'pgvector could not be asked');
      return false;
    }
  },
  async keepUp(model, signal) {
    try {
      await database.keepUp(model, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      logger.warn({ err: error }, 'pgvector could not be brought up to date');
    }
  },
});

const logFailure = (logger: Environment['logger'], model: EmbeddingModel, error: ChatModelError): void => {
  const { kind, status } = error;
  logger.warn({ model: model.name, kind, status }, 'embedding call failed');
  // a provider's words may repeat what was asked
  logger.trace({ reason: error.message }, 'what the provider said');
};

/** The counters are there without a model, too, so that their rules have something to read. */
const countUse = (metrics: Metrics): ((used: { texts: number; tokens: number | null }) => void) => {
  const counter = (name: string, help: string): Count => metrics.addCounter([name, help], [])({});
  const requests = counter('embedding_requests_total', 'Requests to the embedding model that it answered.');
  const countTexts = counter('embedded_texts_total', 'Passages and questions that were embedded.');
  const countTokens = counter('embedding_tokens_total', 'Tokens that the embedding model said it has read.');
  return ({ texts, tokens }) => {
    requests();
    countTexts(texts);
    if (tokens !== null) countTokens(tokens);
  };
};
