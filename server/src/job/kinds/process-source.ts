import { failSource } from '../../core/knowledge/end-round.ts';
import type { SourceRevision } from '../../core/knowledge/knowledge-store.ts';
import { processSource as processRound, type ProcessSourceTools } from '../../core/knowledge/process-source.ts';
import type { Store } from '../../core/store.ts';
import { type JobKind, type JobRun, readPayload, workspaceOf } from '../job-kind.ts';

export type ProcessSourceParts = Omit<ProcessSourceTools, 'signal' | 'attempts'> & Pick<Store, 'measureTables'>;

/** Makes a source ready to be found, a piece of the work at a time. */
export const processSource = (parts: ProcessSourceParts): JobKind => ({
  lane: 'reading',

  async run(run) {
    const pause = await processRound(targetOf(run), { ...parts, signal: run.signal, attempts: run.attempts });
    await parts.measureTables();
    return pause;
  },
  giveUp: (run) =>
    failSource(targetOf(run), 'It could not be read. Refresh it to try again; the server log has the cause.', parts),
});

const targetOf = (run: JobRun): SourceRevision => ({
  workspaceId: workspaceOf(run),
  ...readPayload<'process-source'>(run.payload, { botId: 'string', sourceId: 'string', revision: 'number' }),
});
