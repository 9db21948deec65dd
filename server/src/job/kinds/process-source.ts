import { failSource, processSource as processSourceRevision } from '../../core/knowledge/process-source.ts';
import type { KnowledgeReader, SourceRevision } from '../../core/knowledge/knowledge-store.ts';
import type { Transact } from '../../core/store.ts';
import type { Clock } from '../../kit/clock.ts';
import { type JobKind, type JobRun, readPayload, workspaceOf } from '../job-kind.ts';

export type ProcessSourceParts = {
  knowledge: KnowledgeReader;
  transact: Transact;
  clock: Clock;
  /** Called when what a bot can find has changed. */
  forgetKnowledge: (botId: string) => void;
  /** Null: no embedding model is configured. */
  embedTexts: { readonly model: string } | null;
};

/** Makes a source ready to be found. */
export const processSource = (parts: ProcessSourceParts): JobKind => ({
  run: async (run) => {
    await processSourceRevision(targetOf(run), { ...parts, signal: run.signal });
  },
  giveUp: (run) =>
    failSource(targetOf(run), 'It could not be read. Refresh it to try again; the server log has the cause.', parts),
});

const targetOf = (run: JobRun): SourceRevision => ({
  workspaceId: workspaceOf(run),
  ...readPayload<'process-source'>(run.payload, { botId: 'string', sourceId: 'string', revision: 'number' }),
});
