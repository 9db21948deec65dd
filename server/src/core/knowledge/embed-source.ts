import type { Clock } from '../../kit/clock.ts';
import { packFloats, packQuantised, quantise } from '../../kit/vectors/quantise.ts';
import type { Transact } from '../store.ts';
import { enqueuePruning } from './enqueue-embedding.ts';
import { type EmbedTexts, inEmbeddingBatches } from './embed-texts.ts';
import type { SourceEmbedding, SourcePlace, UnembeddedText, VectorReader, VectorScope } from './vector-store.ts';

export type EmbedSourceTools = {
  vectors: VectorReader;
  transact: Transact;
  embedTexts: EmbedTexts;
  clock: Clock;
  /** Called when vectors of a bot have come or gone. */
  forgetVectors: (botId: string) => void;
  signal: AbortSignal;
};

/** Texts read for embedding at once: four requests. */
const textsPerRead = 256;
/** Rows a transaction: about 5 ms of the writer. */
const rowsPerSlice = 200;
/** How long a piece of work may take, but for the request under way: a long source is embedded in hundreds of pieces. */
const pieceMs = 5_000;
/** Looking through a bot's vectors costs the same for one source and for a hundred that are ready within this time. */
const pruneAfterMs = 60_000;

/**
 * Embeds the passages of a source that can be found and have no vector yet, for some seconds, one request after the other,
 * each kept in a transaction of its own: whoever goes on after a kill pays for one request again at most. Says when the rest
 * is to be worked on, null where it has ended. Throws ChatModelError where the model fails, and OtherVectorLength where its
 * vectors cannot be compared with those of the bot.
 */
export const embedSource = async (
  target: SourcePlace,
  tools: EmbedSourceTools,
): Promise<{ resumeAt: number } | null> => {
  const { vectors, transact, embedTexts, clock, signal } = tools;
  const until = clock() + pieceMs;
  const scope = { workspaceId: target.workspaceId, botId: target.botId, model: embedTexts.model };
  for (;;) {
    signal.throwIfAborted();
    if (await transact((writers) => writers.vectors.fillHashes(target, rowsPerSlice))) break;
    if (clock() >= until) return { resumeAt: clock() };
  }
  const count = () => vectors.countEmbedded(scope, target.sourceId);
  const { embedded, total } = await count();
  if (total === 0) return null;
  let done = embedded;
  let after = -1;
  for (;;) {
    const texts = await vectors.unembedded(scope, target.sourceId, { after, limit: textsPerRead });
    if (texts.length === 0) break;
    for (const batch of inEmbeddingBatches(texts)) {
      signal.throwIfAborted();
      const wanted = await noteState(target, tools, { status: 'processing', embedded: done, total, error: null });
      if (!wanted) return null;
      // one request at least, or a slow machine would never come to an end
      if (clock() >= until && done > embedded) return { resumeAt: clock() };
      await embedBatch(scope, batch, tools);
      done = Math.min(total, done + batch.length);
    }
    after = Math.max(...texts.map(({ position }) => position));
  }
  await noteState(target, tools, { status: 'ready', error: null, ...(await count()) });
  return null;
};

/** In numbers a vector: those of two lengths cannot be compared, so that no more are kept. */
export class OtherVectorLength extends Error {
  override readonly name = 'OtherVectorLength';
  readonly lengths: { stored: number; given: number };

  constructor(lengths: { stored: number; given: number }) {
    super(`vectors of ${lengths.given} numbers came where those of ${lengths.stored} are kept`);
    this.lengths = lengths;
  }
}

/** Tells the owner of the source that it is found by its words alone, or only in part by what it means. */
export const failEmbedding = async (
  target: SourcePlace,
  tools: Omit<EmbedSourceTools, 'signal'>,
  error: string,
): Promise<void> => {
  const { workspaceId, botId, sourceId } = target;
  const counts = await tools.vectors.countEmbedded({ workspaceId, botId, model: tools.embedTexts.model }, sourceId);
  await noteState(target, tools, { status: 'failed', error, ...counts });
};

const embedBatch = async (
  scope: VectorScope,
  batch: readonly UnembeddedText[],
  { transact, embedTexts, signal }: EmbedSourceTools,
): Promise<void> => {
  const embedded = await embedTexts.embed(
    batch.map(({ text }) => text),
    signal,
  );
  const rows = batch.map(({ contentHash }, at) => {
    const vector = embedded[at]!;
    return { contentHash, vector: packFloats(vector), code: packQuantised(quantise(vector)) };
  });
  await transact(async (writers) => {
    const stored = (await writers.vectors.dimensions(scope)) ?? embedded[0]!.length;
    const other = embedded.find(({ length }) => length !== stored);
    if (other) throw new OtherVectorLength({ stored, given: other.length });
    await writers.vectors.write(scope, rows);
  });
};

/** False where the source is gone. */
const noteState = (
  { workspaceId, botId, sourceId }: SourcePlace,
  { transact, embedTexts, clock, forgetVectors }: Omit<EmbedSourceTools, 'signal' | 'vectors'>,
  state: Pick<SourceEmbedding, 'status' | 'embedded' | 'total' | 'error'>,
): Promise<boolean> =>
  transact(async (writers) => {
    if ((await writers.knowledge.find(workspaceId, botId, sourceId)) === null) return false;
    const { model } = embedTexts;
    await writers.vectors.note(workspaceId, botId, { sourceId, model, ...state, updatedAt: clock() });
    if (state.status === 'processing') return true;
    await enqueuePruning(writers.jobs, { workspaceId, botId }, clock() + pruneAfterMs);
    writers.afterCommit(() => forgetVectors(botId));
    return true;
  });
