import type { Clock } from '../../kit/clock.ts';
import type { Transact, Writers } from '../store.ts';
import { sourceSubject } from '../webhook/source-subject.ts';
import { enqueueEmbedding } from './enqueue-embedding.ts';
import type { SourceRevision } from './knowledge-store.ts';

type EndRoundTools = { transact: Transact; clock: Clock };
/** Null: no embedding model is configured. */
type EmbeddingTools = { embedTexts: { readonly model: string } | null };

/** Says how the round has ended: a source is ready where one of its pages is. */
export const endRound = (
  target: SourceRevision,
  { transact, clock, embedTexts }: EndRoundTools & EmbeddingTools,
): Promise<void> =>
  transact(async (writers) => {
    const source = await writers.knowledge.find(target.workspaceId, target.botId, target.sourceId);
    if (source?.revision !== target.revision || source.status !== 'processing') return;
    const at = clock();
    const { ready, firstError } = await writers.knowledge.sumUp(target, at);
    const isReady = ready > 0;
    const error = isReady ? null : (firstError ?? 'There is nothing to read in it.');
    const state = isReady ? ({ status: 'ready', progress: 1 } as const) : ({ status: 'failed' } as const);
    await writers.knowledge.update({ ...source, ...state, error, updatedAt: at });
    await tell(writers, target, { type: isReady ? 'source.ready' : 'source.failed', at });
    if (isReady && embedTexts !== null) await enqueueEmbedding(writers.jobs, target);
  });

/** Tells the owner of the source what was wrong; what was found before stays. */
export const failSource = (target: SourceRevision, error: string, { transact, clock }: EndRoundTools): Promise<void> =>
  transact(async (writers) => {
    const source = await writers.knowledge.find(target.workspaceId, target.botId, target.sourceId);
    if (source?.revision !== target.revision) return;
    const at = clock();
    await writers.knowledge.update({ ...source, status: 'failed', error, updatedAt: at });
    await tell(writers, target, { type: 'source.failed', at });
  });

const tell = (
  { outbox }: Pick<Writers, 'outbox'>,
  target: SourceRevision,
  { type, at }: { type: 'source.ready' | 'source.failed'; at: number },
): Promise<void> => outbox.append({ workspaceId: target.workspaceId, type, subjectId: sourceSubject(target), at });
