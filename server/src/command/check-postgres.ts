import type { Config } from '../config/config.ts';
import { ParleyError } from '../core/error.ts';
import { inspectPostgres, type PostgresInspection } from '../store/postgres/inspect.ts';
import { reasonOf } from './claim-store.ts';
import { type Finding, fact, problem, warning } from './finding.ts';

type PostgresPlace = Extract<Config['store'], { kind: 'postgres' }>;

/** Two round trips a turn: past this the database, and not the model, is what people wait for. */
const longLatencyMs = 20;
/** Connections of this process beside its pool: two for long reads, one on which it hears of others. */
const otherConnections = 3;

const checkConnections = (inspection: PostgresInspection, { poolSize }: PostgresPlace): Finding => {
  const { connections, maxConnections } = inspection;
  const wanted = poolSize + otherConnections;
  const text = `${connections} of ${maxConnections} connections are in use; each server takes up to ${wanted}`;
  return maxConnections - connections < wanted
    ? warning(`${text}: raise max_connections, or lower PARLEY_DATABASE_CONNECTIONS`)
    : fact(text);
};

const checkLatency = ({ latencyMs }: PostgresInspection): Finding => {
  const text = `a round trip to the database takes ${latencyMs.toFixed(1)} ms`;
  return latencyMs > longLatencyMs ? warning(`${text}: bring the server nearer to it`) : fact(text);
};

/** Where vectors are searched; nothing is said where there is no embedding model. */
export const checkPgvector = (
  { pgvector: { state, version } }: Pick<PostgresInspection, 'pgvector'>,
  { embeddings }: Pick<Config, 'embeddings'>,
): Finding[] => {
  if (embeddings === null) return [];
  if (embeddings.pgvector === 'off') return [fact('vectors are searched in memory, as PARLEY_PGVECTOR says')];
  switch (state) {
    case 'ready':
      return [fact(`pgvector ${version} searches vectors`)];
    case 'possible':
      return [fact(`pgvector ${version} is there: the next start or migrate sets it up`)];
    case 'hidden':
      return [
        warning(
          `pgvector ${version} lies in a schema that is not on the search_path, so vectors are searched in memory`,
        ),
      ];
    case 'denied':
      return [
        warning(
          `pgvector ${version} is there, and this role may not set it up, so vectors are searched in memory: see "pgvector" in docs/models.md`,
        ),
      ];
    case 'missing': {
      const reason = version === null ? 'the server has no pgvector' : `pgvector ${version} is older than 0.7`;
      return [fact(`vectors are searched in memory: ${reason}`)];
    }
  }
};

/** The server and the database: can they be reached, may Parley work on them. `describe`: what holds of every store. */
export const checkPostgres = async (
  store: PostgresPlace,
  describe: (inspection: PostgresInspection) => Finding[],
): Promise<Finding[]> => {
  try {
    const inspection = await inspectPostgres(store.url);
    if (inspection.unusable !== null) return [problem(inspection.unusable)];
    return [
      fact(`database ${store.place}, ${inspection.sizeBytes} bytes, PostgreSQL ${inspection.version}`),
      ...(inspection.worrying === null
        ? [fact('synchronous_commit is on: what is confirmed survives a crash')]
        : [warning(inspection.worrying)]),
      inspection.clockWorry === null
        ? fact('the clocks of this machine and of PostgreSQL agree')
        : warning(inspection.clockWorry),
      checkConnections(inspection, store),
      checkLatency(inspection),
      ...(inspection.empty ? [warning('there is nothing in the database yet: start makes it')] : describe(inspection)),
    ];
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return [
      problem(`the database at ${store.place} cannot be used (${reasonOf(error)}): mend DATABASE_URL, or start it`),
    ];
  }
};
