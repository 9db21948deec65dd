import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readNothing } from '../../../test/read-nothing.ts';
import { rememberNothing } from '../../../test/remember-nothing.ts';
import {
  addConversation,
  addMessages,
  addWorkspace,
  firstPage,
  messageOf,
} from '../../../test/store-suite/store-under-test.ts';
import { openTemporaryStore } from '../../../test/temporary-store.ts';
import { createOperatorKey } from '../../core/access/create-key.ts';
import type { Conversation } from '../../core/conversation/conversation.ts';
import type { JobQueue } from '../../core/job/job-store.ts';
import { createSource } from '../../core/knowledge/create-source.ts';
import { findPassages } from '../../core/knowledge/find-passages.ts';
import type { Source, SourceContent } from '../../core/knowledge/source.ts';
import type { Store } from '../../core/store.ts';
import { HopelessJob, type JobKinds } from '../job-kind.ts';
import { jobKinds, type JobParts } from '../job-kinds.ts';

const workspaceId = 'ws_a';
const botId = 'bot_a';
const { signal } = new AbortController();

let store: Store;
let closeStore: () => Promise<void>;
let kinds: JobKinds;
let parts: JobParts;
const forgotten: string[] = [];

beforeEach(async () => {
  ({ store, close: closeStore } = await openTemporaryStore());
  forgotten.length = 0;
  parts = {
    knowledge: store.readers.knowledge,
    transact: store.transact,
    clock: Date.now,
    forgetKnowledge: (id) => forgotten.push(id),
    forgetVectors: () => undefined,
    vectors: store.readers.vectors,
    embedTexts: null,
    vectorDatabase: null,
    onOtherLength: () => undefined,
    turns: store.turns,
    jobs: store.jobs,
    turnLogsKeptMs: 3_600_000,
    eraseTraces: () => Promise.resolve(),
    measureTables: () => Promise.resolve(),
    retention: store.readers.retention,
    endTurns: () => undefined,
    ...readNothing,
    memory: rememberNothing(store),
    secretRotation: { rotation: store.readers.rotation, fingerprint: '', pepperTag: '' },
  };
  kinds = jobKinds(parts);
});
afterEach(() => closeStore());

const add = (content: SourceContent): Promise<Source> =>
  store.transact((writers) => createSource(writers, { workspaceId, botId, title: 'Shop', content }, Date.now));
const payloadOf = ({ id, revision }: Source) => ({ botId, sourceId: id, revision });
const process = (source: Source) =>
  kinds['process-source'].run({ workspaceId, payload: payloadOf(source), attempts: 1, signal });
const search = async (query: string): Promise<string[]> => {
  const size = await store.readers.knowledge.size(workspaceId, botId);
  const knowledge = store.readers.knowledge;
  const { passages: found } = await findPassages(knowledge, { workspaceId, botId, size, query, topK: 3, minScore: 0 });
  return found.map(({ chunk }) => chunk.text);
};
const stateOf = (source: Source) => store.readers.knowledge.find(workspaceId, botId, source.id);

describe('processing a source', () => {
  test('makes it ready and found, and tells who remembers its size', async () => {
    const source = await add({ type: 'text', text: 'We ship wool to Batumi.\n\nGift cards last a year.' });
    expect(await search('Batumi')).toEqual([]);
    await process(source);
    expect(await search('Batumi')).toHaveLength(1);
    expect(await stateOf(source)).toMatchObject({ status: 'ready', progress: 1, chunkCount: 1, error: null });
    expect(forgotten).toEqual([botId]);
  });

  test('finds questions by their words and shows their answers', async () => {
    const items = [
      { question: 'Do you ship to Batumi?', answer: 'Yes, in two days.' },
      { question: 'Can I wash it?', answer: 'By hand.' },
    ];
    await process(await add({ type: 'faq', items }));
    expect((await search('How do I wash my blanket?'))[0]).toBe('By hand.');
  });

  test('of a large text writes it in many transactions, and shows how far it is', async () => {
    const text = Array.from({ length: 12_000 }, (_, at) => `Sentence ${at} is about item x${at}.`).join(' ');
    const source = await add({ type: 'text', text });
    const seen: number[] = [];
    const transact: Store['transact'] = async (work) => {
      const result = await store.transact(work);
      seen.push((await stateOf(source))?.progress ?? -1);
      return result;
    };
    const watched = jobKinds({ ...parts, transact });
    await watched['process-source'].run({ workspaceId, payload: payloadOf(source), attempts: 1, signal });
    expect(seen.length).toBeGreaterThan(20);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect((await search('x11999'))[0]).toContain('item x11999.');
  });

  test('that was cut off is finished by the next attempt', async () => {
    const text = Array.from({ length: 3_000 }, (_, at) => `Sentence ${at} is about item x${at}.`).join(' ');
    const source = await add({ type: 'text', text });
    const abort = new AbortController();
    let transactions = 0;
    const transact: Store['transact'] = (work) => {
      transactions += 1;
      if (transactions === 5) abort.abort();
      return store.transact(work);
    };
    const cut = jobKinds({ ...parts, transact })['process-source'];
    await expect(
      cut.run({ workspaceId, payload: payloadOf(source), attempts: 1, signal: abort.signal }),
    ).rejects.toThrow('aborted');
    expect(await search('x2999')).toEqual([]);
    await process(source);
    expect(await search('x2999')).toHaveLength(1);
  });

  test('of a revision that nobody wants any more changes nothing', async () => {
    const source = await add({ type: 'text', text: 'Wool.' });
    await store.transact((writers) => writers.knowledge.update({ ...source, revision: 2 }));
    await process(source);
    expect(await stateOf(source)).toMatchObject({ status: 'queued', revision: 2, chunkCount: 0 });
  });

  test('of a source that was deleted meanwhile ends quietly', async () => {
    const source = await add({ type: 'text', text: 'Wool.' });
    await store.transact((writers) => writers.knowledge.remove(workspaceId, botId, source.id));
    await process(source);
    expect(await stateOf(source)).toBeNull();
  });

  test('fails where there is nothing to find, and says why', async () => {
    const source = await add({ type: 'text', text: '# Only a heading' });
    await process(source);
    expect(await stateOf(source)).toMatchObject({ status: 'failed', error: expect.stringContaining('no text') });
  });

  test('that is given up leaves the source failed, and found as it was before', async () => {
    const source = await add({ type: 'text', text: 'Wool from Tusheti.' });
    await process(source);
    const refreshed = { ...source, revision: 2 };
    await store.transact((writers) => writers.knowledge.update(refreshed));
    await kinds['process-source'].giveUp?.({ workspaceId, payload: payloadOf(refreshed), attempts: 1, signal });
    expect(await stateOf(source)).toMatchObject({ status: 'failed', chunkCount: 1 });
    expect(await search('Tusheti')).toHaveLength(1);
  });
});

test('a payload that lacks a field, or has no workspace, is hopeless', async () => {
  const run = (payload: object, workspace: string | null = workspaceId) =>
    kinds['purge-source'].run({ workspaceId: workspace, payload: payload as never, attempts: 1, signal });
  await expect(run({ botId })).rejects.toThrow(HopelessJob);
  await expect(run({ botId, sourceId: 7 })).rejects.toThrow(HopelessJob);
  await expect(run({ botId, sourceId: 'src_a' }, null)).rejects.toThrow(HopelessJob);
});

test('purging goes on in batches until nothing is left, and then asks for its traces to be erased', async () => {
  const left = [false, false, true];
  const purge = vi.fn<(workspaceId: string, conversationId: string, limit: number) => Promise<boolean>>(
    async () => left.shift() ?? true,
  );
  const enqueue = vi.fn<JobQueue['enqueue']>(async () => {
    expect(left).toEqual([]);
  });
  const transact = ((work) => work({ conversations: { purge }, jobs: { enqueue } } as never)) as Store['transact'];
  const kind = jobKinds({ ...parts, transact })['purge-conversation'];
  await kind.run({ workspaceId, payload: { conversationId: 'conv_a' }, attempts: 1, signal });
  expect(purge).toHaveBeenCalledTimes(3);
  expect(purge).toHaveBeenCalledWith(workspaceId, 'conv_a', expect.any(Number));
  expect(enqueue).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'erase-traces' }));
});

test('purging a bot ends the turns that still ran, and then asks for its traces to be erased', async () => {
  const batches = [
    { done: false, endedTurns: ['turn_a', 'turn_b'] },
    { done: true, endedTurns: [] },
  ];
  const enqueue = vi.fn<JobQueue['enqueue']>(async () => {
    expect(batches).toEqual([]);
  });
  const writers = { bots: { purge: async () => batches.shift() }, jobs: { enqueue } };
  const transact = ((work) => work(writers as never)) as Store['transact'];
  const endTurns = vi.fn<JobParts['endTurns']>();
  await jobKinds({ ...parts, transact, endTurns })['purge-bot'].run({
    workspaceId,
    payload: { botId },
    attempts: 1,
    signal,
  });
  expect(endTurns.mock.calls).toEqual([[workspaceId, ['turn_a', 'turn_b']]]);
  expect(enqueue).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'erase-traces' }));
});

describe('retention', () => {
  const dayMs = 24 * 60 * 60 * 1_000;

  /** A conversation of 250 messages on which nobody went on for 30 days, where a week is kept. */
  const silent = async ({ daysBeforeItsMessages = 0 } = {}) => {
    const workspace = await addWorkspace({ store });
    const conversation = await addConversation({ store }, workspace);
    const silentSince = conversation.createdAt - daysBeforeItsMessages * dayMs;
    const texts = Array.from({ length: 250 }, (_, index) => `word ${index}`);
    await addMessages({ store }, conversation, texts);
    await store.transact(async ({ retention, conversations }) => {
      await conversations.update({ ...conversation, updatedAt: silentSince });
      await retention.save(workspace, { retentionDays: 7, maxMessagesPerConversation: null });
    });
    const late = { ...parts, clock: () => silentSince + 30 * dayMs };
    return { conversation, late, run: { workspaceId: workspace, payload: {}, attempts: 1, signal } };
  };
  const messagesOf = async ({ workspaceId: workspace, id }: Conversation) =>
    (await store.readers.conversations.listMessages(workspace, id, { ...firstPage, limit: 300 })).items;

  test('that is cut off in a conversation is finished by the next attempt', async () => {
    const { conversation, late, run } = await silent();
    const abort = new AbortController();
    let transactions = 0;
    const transact: Store['transact'] = async (work) => {
      const result = await store.transact(work);
      transactions += 1;
      if (transactions === 2) abort.abort();
      return result;
    };
    const cut = jobKinds({ ...late, transact })['enforce-retention'].run({ ...run, signal: abort.signal });
    await expect(cut).rejects.toThrow('aborted');
    expect(await messagesOf(conversation)).not.toEqual([]);
    await jobKinds(late)['enforce-retention'].run(run);
    expect(await messagesOf(conversation)).toEqual([]);
    expect(await store.readers.conversations.find(conversation.workspaceId, conversation.id)).toBeNull();
  });

  test('leaves more than a transaction removes to a job', async () => {
    // its messages are younger than the conversation's last change, and so are not what is pruned
    const { conversation, late, run } = await silent({ daysBeforeItsMessages: 29 });
    await jobKinds(late)['enforce-retention'].run(run);
    expect(await messagesOf(conversation)).toHaveLength(150);
    const job = await store.jobs.claim('node', 1_000, { only: ['purge-conversation'] });
    expect(job).toMatchObject({ payload: { conversationId: conversation.id } });
    await jobKinds(late)['purge-conversation'].run({ ...run, payload: job?.payload ?? null });
    expect(await messagesOf(conversation)).toEqual([]);
  });

  test('lets a conversation be that somebody has gone on with meanwhile', async () => {
    const { conversation, late, run } = await silent();
    let transactions = 0;
    const transact: Store['transact'] = async (work) => {
      transactions += 1;
      if (transactions === 2) {
        const message = { ...messageOf(conversation, 'again'), createdAt: late.clock() };
        await store.transact(({ conversations }) =>
          conversations.appendMessages(conversation.workspaceId, conversation.id, [message]),
        );
      }
      return store.transact(work);
    };
    await jobKinds({ ...late, transact })['enforce-retention'].run(run);
    expect((await messagesOf(conversation)).map(({ parts: [part] }) => part?.text)).toEqual(['again']);
    expect(await store.readers.conversations.find(conversation.workspaceId, conversation.id)).not.toBeNull();
  });
});

test('pruning removes keys that were revoked 90 days ago, and no others', async () => {
  const keyOf = async (name: string): Promise<string> => {
    const wanted = { workspaceId, name, type: 'live', scopes: ['all'], botIds: null, expiresAt: null } as const;
    const tools = { pepper: Buffer.alloc(32), clock: Date.now };
    return (await store.transact((writers) => createOperatorKey(writers, wanted, tools))).key.id;
  };
  const [old, young, usable] = [await keyOf('old'), await keyOf('young'), await keyOf('usable')];
  const daysAgo = (days: number) => Date.now() - days * 24 * 60 * 60 * 1_000;
  await store.transact(async ({ keys }) => {
    await keys.revoke(workspaceId, old, daysAgo(91));
    await keys.revoke(workspaceId, young, daysAgo(89));
  });
  await jobKinds(parts)['prune-expired'].run({ workspaceId: null, payload: {}, attempts: 1, signal });
  const found = await Promise.all([old, young, usable].map((id) => store.readers.keys.findForSecret(id)));
  expect(found.map((key) => key?.id ?? null)).toEqual([null, young, usable]);
});

test('pruning removes expired answers and old logs in batches, and keeps the rest', async () => {
  const scope = (key: string) => ({ workspaceId, principal: 'key:a', route: 'r', key, fingerprint: 'f' });
  await store.transact(async (writers) => {
    for (let count = 0; count < 1_200; count++) await writers.idempotency.claim(scope(`old-${count}`), Date.now() - 1);
    await writers.idempotency.claim(scope('young'), Date.now() + 60_000);
  });
  const pruned: number[] = [];
  const turns = {
    pruneLogs: async (endedBefore: number) => {
      pruned.push(Date.now() - endedBefore);
      return 0;
    },
  };
  await jobKinds({ ...parts, turns })['prune-expired'].run({ workspaceId: null, payload: {}, attempts: 1, signal });
  await store.transact(async (writers) => {
    expect(await writers.idempotency.removeExpired(Date.now(), 10)).toBe(0);
    expect(await writers.idempotency.removeExpired(Date.now() + 120_000, 10)).toBe(1);
  });
  expect(pruned).toHaveLength(1);
  expect(pruned[0]).toBeGreaterThanOrEqual(3_600_000);
});
