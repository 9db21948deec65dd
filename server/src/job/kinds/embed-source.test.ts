import { jobKindNames } from '../../core/job/job-kinds.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readNothing } from '../../../test/read-nothing.ts';
import { openTemporaryStore } from '../../../test/temporary-store.ts';
import { createSource } from '../../core/knowledge/create-source.ts';
import type { EmbedTexts } from '../../core/knowledge/embed-texts.ts';
import { maxTextsPerRequest } from '../../core/knowledge/embedding-model.ts';
import { processSource } from '../../core/knowledge/process-source.ts';
import { enqueueEmbedding } from '../../core/knowledge/enqueue-embedding.ts';
import type { Store } from '../../core/store.ts';
import { ChatModelError } from '../../core/turn/chat-model.ts';
import type { JobKinds } from '../job-kind.ts';
import { Worker } from '../worker.ts';
import { embedSourceKind } from './embed-source.ts';

const place = { workspaceId: 'ws_a', botId: 'bot_a' };
const { signal } = new AbortController();
const model = 'local/e5';
const questions = 5 * maxTextsPerRequest - 10;

let store: Store;
let closeStore: () => Promise<void>;
/** Texts of each request. */
let requests: string[][];
/** What was said of vectors that were not kept. */
let otherLengths: unknown[];

beforeEach(async () => {
  ({ store, close: closeStore } = await openTemporaryStore());
  requests = [];
  otherLengths = [];
});
afterEach(() => closeStore());

const embedTexts = {
  model,
  embed: (texts: readonly string[]): Promise<Float32Array[]> => {
    requests.push([...texts]);
    return Promise.resolve(texts.map((_, at) => Float32Array.from([1, at])));
  },
};

const addReadSource = async (unit = 'pounds'): Promise<string> => {
  const items = Array.from({ length: questions }, (_, at) => ({
    question: `Item ${at}?`,
    answer: `It costs ${at} ${unit}.`,
  }));
  const { transact } = store;
  const source = await transact((writers) =>
    createSource(writers, { ...place, title: 'Prices', content: { type: 'faq', items } }, Date.now),
  );
  const tools = { ...readNothing, knowledge: store.readers.knowledge, transact, clock: Date.now, attempts: 1, signal };
  const target = { ...place, sourceId: source.id, revision: source.revision };
  await processSource(target, { ...tools, forgetKnowledge: () => undefined, embedTexts: null });
  return source.id;
};

const kindOf = (clock: () => number, change: { embedTexts?: EmbedTexts } = {}) =>
  embedSourceKind({
    vectors: store.readers.vectors,
    transact: store.transact,
    embedTexts,
    clock,
    forgetVectors: () => {},
    measureTables: () => store.measureTables(),
    vectorDatabase: null,
    onOtherLength: (found) => otherLengths.push(found),
    ...change,
  });

const stateOf = async (sourceId: string) => {
  const [state] = await store.readers.vectors.embeddings(place.workspaceId, place.botId, [sourceId]);
  return state && { status: state.status, embedded: state.embedded, total: state.total };
};

test('a long source is embedded a piece at a time, each behind whoever waits by then, and shows how far it is', async () => {
  const sourceId = await addReadSource();
  let time = 0;
  // every look at the clock finds that others have waited long enough
  const kind = kindOf(() => (time += 10_000));
  const run = { workspaceId: place.workspaceId, payload: { botId: place.botId, sourceId }, attempts: 1, signal };
  for (let piece = 1; piece < 5; piece += 1) {
    const pause = await kind.run(run);
    expect(pause).toEqual({ resumeAt: time });
    expect(requests).toHaveLength(piece);
    expect(await stateOf(sourceId)).toEqual({
      status: 'processing',
      embedded: piece * maxTextsPerRequest,
      total: questions,
    });
  }
  expect(await kind.run(run)).toBeNull();
  expect(await stateOf(sourceId)).toEqual({ status: 'ready', embedded: questions, total: questions });
  expect(new Set(requests.flat()).size).toBe(questions);
  expect(requests.flat()).toHaveLength(questions);
});

test('what takes no time is embedded in one piece', async () => {
  const sourceId = await addReadSource();
  const run = { workspaceId: place.workspaceId, payload: { botId: place.botId, sourceId }, attempts: 1, signal };
  expect(await kindOf(() => 0).run(run)).toBeNull();
  expect(requests).toHaveLength(5);
});

test('a model that is away for long is told to the owner, and leaves the rest to the hourly round', async () => {
  const sourceId = await addReadSource();
  const away = { model, embed: () => Promise.reject(new ChatModelError('unavailable', 'the model is away')) };
  const failures: boolean[] = [];
  const worker = new Worker({
    jobs: store.jobs,
    kinds: {
      'embed-source': kindOf(Date.now, { embedTexts: away }),
      'process-source': { run: async () => undefined },
    } as Partial<JobKinds> as JobKinds,
    owner: 'node_a',
    // pauses are counted from a time long ago, so that it is due again at once
    clock: () => Date.now() - 86_400_000,
    pollEveryMs: 10,
    onFailure: ({ dead }) => failures.push(dead),
    onStoreError: (error) => {
      throw error;
    },
  });
  await store.transact(({ jobs }) => enqueueEmbedding(jobs, { ...place, sourceId }));
  worker.start();
  try {
    await vi.waitFor(() => expect(failures).toEqual([false, false, false, false, false, true]), { timeout: 10_000 });
  } finally {
    await worker.stop(10_000);
  }
  expect(await stateOf(sourceId)).toEqual({ status: 'failed', embedded: 0, total: questions });
  expect(await store.jobs.countWaiting('embed-source', 10)).toEqual(new Map());
  expect(await store.jobs.removeLeft(jobKindNames, Date.now() + 60_000, 10)).toBe(0);
});

test('what searches vectors is brought up to date behind a source, and not behind each piece of it', async () => {
  const sourceId = await addReadSource();
  let time = 0;
  const looks: number[] = [];
  const kind = embedSourceKind({
    vectors: store.readers.vectors,
    transact: store.transact,
    embedTexts,
    clock: () => (time += 10_000),
    forgetVectors: () => {},
    measureTables: () => store.measureTables(),
    vectorDatabase: {
      isBehind: () => {
        looks.push(requests.length);
        return Promise.resolve(true);
      },
      keepUp: () => Promise.resolve(),
    },
    onOtherLength: () => {},
  });
  const run = { workspaceId: place.workspaceId, payload: { botId: place.botId, sourceId }, attempts: 1, signal };
  while ((await kind.run(run)) !== null);
  expect(looks).toEqual([5]);
  expect(await store.jobs.countWaiting('sync-embeddings', 10)).toEqual(new Map([[null, 1]]));
});

test('vectors of another length than those of the bot are not kept, and the owner is told what can be done', async () => {
  const first = await addReadSource();
  const run = (sourceId: string) => ({
    workspaceId: place.workspaceId,
    payload: { botId: place.botId, sourceId },
    attempts: 1,
    signal,
  });
  expect(await kindOf(() => 0).run(run(first))).toBeNull();
  const second = await addReadSource('euros');
  const longer = { model, embed: async (texts: readonly string[]) => texts.map(() => new Float32Array(128).fill(1)) };
  expect(await kindOf(() => 0, { embedTexts: longer }).run(run(second))).toBeNull();
  expect(await stateOf(second)).toEqual({ status: 'failed', embedded: 0, total: questions });
  const [{ error } = { error: '' }] = await store.readers.vectors.embeddings(place.workspaceId, place.botId, [second]);
  expect(error).toContain('vectors of 128 numbers, where those of this bot have 2,');
  expect(error).toContain('give the provider another name or set PARLEY_EMBEDDINGS_DIMENSIONS');
  expect(otherLengths).toEqual([{ ...place, sourceId: second, stored: 2, given: 128 }]);
  expect(await stateOf(first)).toEqual({ status: 'ready', embedded: questions, total: questions });
  // with the length of before it is embedded after all
  expect(await kindOf(() => 0).run(run(second))).toBeNull();
  expect(await stateOf(second)).toEqual({ status: 'ready', embedded: questions, total: questions });
});

test('an answer with vectors of two lengths is not kept, though the bot has none yet', async () => {
  const sourceId = await addReadSource();
  const mixed = {
    model,
    embed: async (texts: readonly string[]) => texts.map((_, at) => new Float32Array(at === 1 ? 3 : 2).fill(1)),
  };
  const run = { workspaceId: place.workspaceId, payload: { botId: place.botId, sourceId }, attempts: 1, signal };
  expect(await kindOf(() => 0, { embedTexts: mixed }).run(run)).toBeNull();
  expect(await stateOf(sourceId)).toEqual({ status: 'failed', embedded: 0, total: questions });
  expect(otherLengths).toEqual([{ ...place, sourceId, stored: 2, given: 3 }]);
});
