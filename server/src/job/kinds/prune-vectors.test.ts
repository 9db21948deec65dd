import { expect, test, vi } from 'vitest';
import { openTemporaryStore } from '../../../test/temporary-store.ts';
import { readNothing } from '../../../test/read-nothing.ts';
import { createSource } from '../../core/knowledge/create-source.ts';
import { embedSource } from '../../core/knowledge/embed-source.ts';
import { processSource } from '../../core/knowledge/process-source.ts';
import type { JobQueue } from '../../core/job/job-store.ts';
import type { Transact } from '../../core/store.ts';
import { pruneVectors } from './prune-vectors.ts';

test('vectors that are removed are taken out of the files, and nothing is looked for where none was', async () => {
  const { store, close } = await openTemporaryStore();
  const { readers } = store;
  const enqueue = vi.fn<JobQueue['enqueue']>();
  const transact: Transact = (work) =>
    store.transact((writers) => work({ ...writers, jobs: { ...writers.jobs, enqueue: async (job) => enqueue(job) } }));
  const place = { workspaceId: 'ws_a', botId: 'bot_a' };
  const { signal } = new AbortController();
  const content = { type: 'text' as const, text: 'Zanzibar is an island of spices.' };
  const source = await transact((writers) => createSource(writers, { ...place, title: 'Notes', content }, Date.now));
  const target = { ...place, sourceId: source.id };
  const embedTexts = {
    model: 'local/e5',
    embed: (texts: readonly string[]) => Promise.resolve(texts.map(() => Float32Array.from([1, 0]))),
  };
  const tools = { ...readNothing, ...readers, transact, clock: Date.now, signal, embedTexts };
  await processSource(
    { ...target, revision: source.revision },
    { ...tools, attempts: 1, forgetKnowledge: () => undefined },
  );
  await embedSource(target, { ...tools, forgetVectors: () => undefined });
  enqueue.mockClear();

  const kind = pruneVectors(tools);
  const run = { workspaceId: place.workspaceId, payload: { botId: place.botId }, attempts: 1, signal };
  await kind.run(run);
  expect(enqueue).not.toHaveBeenCalled();
  await transact((writers) => writers.knowledge.remove(place.workspaceId, place.botId, source.id));
  await transact((writers) => writers.knowledge.removeUnused(target, 100));
  await kind.run(run);
  expect(enqueue).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'erase-traces' }));
  await close();
});
