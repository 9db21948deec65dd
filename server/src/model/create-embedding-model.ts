import type { EmbeddingModel } from '../core/knowledge/embedding-model.ts';
import { createEmbeddedEnglish } from './embedded-english/client.ts';
import { createEmbeddingClient } from './openai-compatible/embedding-client.ts';

/** The model that is configured. `provider` is null for the one that Parley brings along. */
export const createEmbeddingModel = (configured: {
  provider: { name: string; url: string; key: string | null } | null;
  model: string;
  dimensions: number | null;
}): EmbeddingModel => {
  const { provider, model, dimensions } = configured;
  if (provider === null) return createEmbeddedEnglish(model);
  const { name, url, key } = provider;
  return createEmbeddingClient({ baseUrl: url, key, provider: name, model, dimensions });
};
