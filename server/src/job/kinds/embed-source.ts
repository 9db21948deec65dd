import {
  embedSource,
  type EmbedSourceTools,
  failEmbedding,
  OtherVectorLength,
} from '../../core/knowledge/embed-source.ts';
import type { EmbedTexts } from '../../core/knowledge/embed-texts.ts';
import { enqueueSync } from '../../core/knowledge/enqueue-embedding.ts';
import type { VectorDatabase } from '../../core/knowledge/vector-database.ts';
import type { SourcePlace } from '../../core/knowledge/vector-store.ts';
import type { Store } from '../../core/store.ts';
import { ChatModelError } from '../../core/turn/chat-model.ts';
import { HopelessJob, type JobKind, type JobRun, readPayload, workspaceOf } from '../job-kind.ts';

export type EmbedSourceParts = Omit<EmbedSourceTools, 'signal' | 'embedTexts'> &
  Pick<Store, 'measureTables'> & {
    /** Null: no embedding model is configured. */
    embedTexts: EmbedTexts | null;
    /** Null where vectors are searched in memory alone. */
    vectorDatabase: Pick<VectorDatabase, 'isBehind' | 'keepUp'> | null;
    /** For the log: the model's vectors are of another length than those of the bot, in numbers, and are not kept. */
    onOtherLength: (found: SourcePlace & OtherVectorLength['lengths']) => void;
  };

/** A provider's own words are for the log: they may hold its address, or repeat a text. */
const whatWasWrong =
  'The embedding model could not be used, so it is found by its words alone for now. It is tried again within the hour; the server log has the cause.';

/** Whoever changed the model can set it right; another try may get the length of before. */
const whatIsUnlike = ({ stored, given }: OtherVectorLength['lengths']): string =>
  `The embedding model gave vectors of ${given} numbers, where those of this bot have ${stored}, so it is found by its words alone for now. It is tried again within the hour. If the model behind its name was changed, give the provider another name or set PARLEY_EMBEDDINGS_DIMENSIONS (docs/models.md), and all is embedded anew.`;

/**
 * Some six minutes beside the requests themselves. The hourly round begins them anew, so that more would have no end, and
 * nobody would be told that the model is away.
 */
const attempts = 6;
/** An index is built once for what is embedded within this time: the work looks at all vectors there are. */
const keepUpAfterMs = 60_000;

/** Embeds what can be found of a source, a piece of the work at a time. */
export const embedSourceKind = (parts: EmbedSourceParts): JobKind => ({
  lane: 'embedding',
  lapsesAfter: attempts,

  async run(run) {
    const { embedTexts } = parts;
    if (embedTexts === null) return null;
    const target = targetOf(run);
    try {
      const pause = await embedSource(target, { ...parts, embedTexts, signal: run.signal });
      await parts.measureTables();
      if (pause === null && (await parts.vectorDatabase?.isBehind({ ...target, model: embedTexts.model }))) {
        await parts.transact(({ jobs }) => enqueueSync(jobs, parts.clock() + keepUpAfterMs));
      }
      return pause;
    } catch (error) {
      if (error instanceof OtherVectorLength) {
        await failEmbedding(target, { ...parts, embedTexts }, whatIsUnlike(error.lengths));
        parts.onOtherLength({ ...target, ...error.lengths });
        return null;
      }
      // a wrong key or name is no better in a minute; the hourly round tries again
      if (error instanceof ChatModelError && !error.retryable && error.kind !== 'aborted') {
        throw new HopelessJob(error.message);
      }
      throw error;
    }
  },

  async giveUp(run) {
    const { embedTexts } = parts;
    if (embedTexts !== null) await failEmbedding(targetOf(run), { ...parts, embedTexts }, whatWasWrong);
  },
});

const targetOf = (run: JobRun): SourcePlace => ({
  workspaceId: workspaceOf(run),
  ...readPayload<'embed-source'>(run.payload, { botId: 'string', sourceId: 'string' }),
});
