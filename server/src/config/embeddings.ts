import type { ProviderConfig } from './providers.ts';
import type { ValueReader } from './value-reader.ts';

/** Which model turns knowledge and questions into vectors. */
export type EmbeddingsConfig = Readonly<{
  /** Null: the English model that Parley brings along. */
  provider: ProviderConfig | null;
  /** The name within the provider. */
  model: string;
  /** Null: as long as the model makes them. */
  dimensions: number | null;
  /** How long a turn waits for its question's vector and for the search with it. */
  timeoutMs: number;
  /** For the vectors of the bots that are asked; those of the bot that was not asked for the longest go first. */
  memoryBytes: number;
  /** `auto`: PostgreSQL searches vectors where it has the extension, which is set up for that. */
  pgvector: 'auto' | 'off';
}>;

/** The one dialect that is known for embeddings; a vendor that has another mostly offers this one too. */
const dialect = 'openai-compatible';

/** It needs no provider. */
const embeddedModel = 'builtin/english';

const bytesPerMb = 1024 * 1024;
/** What a WebAssembly memory holds is 4,096 MB, and more than half of it would be a machine of its own. */
const maxMemoryMb = 3_072;

export const readEmbeddings = (read: ValueReader, providers: readonly ProviderConfig[]): EmbeddingsConfig | null => {
  const dimensions = read.optionalInteger('PARLEY_EMBEDDINGS_DIMENSIONS', 16, 8_192);
  const timeoutMs = read.integer('PARLEY_EMBEDDINGS_TIMEOUT_MS', 10, 60_000);
  const memoryBytes = read.integer('PARLEY_EMBEDDINGS_MEMORY_MB', 16, maxMemoryMb) * bytesPerMb;
  const pgvector = read.oneOf('PARLEY_PGVECTOR', ['auto', 'off']);
  const name = read.text('PARLEY_EMBEDDINGS');
  if (name === null) {
    if (dimensions !== null) read.wrong('PARLEY_EMBEDDINGS_DIMENSIONS', 'needs PARLEY_EMBEDDINGS beside it');
    return null;
  }
  if (name === embeddedModel) {
    if (dimensions !== null) read.wrong('PARLEY_EMBEDDINGS_DIMENSIONS', `cannot be set with ${embeddedModel}`);
    return { provider: null, model: name, dimensions: null, timeoutMs, memoryBytes, pgvector };
  }
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1) {
    read.wrong('PARLEY_EMBEDDINGS', 'must be <provider>/<model>, such as openai/text-embedding-3-small');
    return null;
  }
  const provider = providers.find((candidate) => candidate.name === name.slice(0, slash));
  if (!provider) {
    const known = providers.map((candidate) => candidate.name).join(', ') || 'none';
    read.wrong('PARLEY_EMBEDDINGS', `must name a provider that is configured (${known})`);
    return null;
  }
  if (provider.type !== dialect) {
    read.wrong(
      'PARLEY_EMBEDDINGS',
      `must name a provider of type ${dialect}, and ${provider.name} is ${provider.type}`,
    );
    return null;
  }
  return { provider, model: name.slice(slash + 1), dimensions, timeoutMs, memoryBytes, pgvector };
};
