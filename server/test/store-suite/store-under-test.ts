import { botDefaults } from '../../src/core/bot/bot-defaults.ts';
import type { Conversation, Message } from '../../src/core/conversation/conversation.ts';
import type { Page, PageRequest } from '../../src/core/page.ts';
import type { Store } from '../../src/core/store.ts';
import type { AcceptedTurn, AcceptTurn, FinishTurn, Turn } from '../../src/core/turn/turn.ts';
import { periodAt } from '../../src/core/usage/period.ts';
import { newId } from '../../src/kit/id.ts';
import type { Keyring } from '../../src/kit/seal.ts';

/** An empty, migrated store of one dialect. */
export type StoreUnderTest = {
  store: Store;
  /** How many rows each table has, by its name; without the migrations' own. */
  countRows: () => Promise<Record<string, number>>;
  /** Writes past the ports, for what no port writes yet; in SQL that every dialect takes. */
  run: (sql: string) => Promise<void>;
  /** Sets the time by which leases are kept, which stands still; of a store that was opened at a time of its own. */
  setClock: (at: number) => Promise<void>;
  close: () => Promise<void>;
};

/** Opens an empty store; `at`: the time that it is then, instead of everybody's. */
export type OpenStoreUnderTest = (at?: number) => Promise<StoreUnderTest>;

/** Gives the store that the running test uses. */
export type CurrentStore = () => StoreUnderTest;

/** What a store of tests seals secrets with. */
export const testKeyring: Keyring = { current: 1, keys: new Map([[1, new Uint8Array(32).fill(7)]]) };

export const at = Date.UTC(2026, 10, 22, 12);
export const firstPage: PageRequest = { limit: 3, after: null, before: null };

/** A workspace with the root of its quota. */
export const addWorkspace = async ({ store }: Pick<StoreUnderTest, 'store'>): Promise<string> => {
  const id = newId('ws');
  await store.transact((writers) =>
    writers.workspaces.insert({ id, parentId: null, name: 'Test', plan: null, createdAt: at }),
  );
  return id;
};

export const conversationOf = (workspaceId: string, change: Partial<Conversation> = {}): Conversation => ({
  id: newId('conv'),
  workspaceId,
  botId: 'bot_a',
  userId: 'user-1',
  channel: 'api',
  status: 'open',
  assignee: null,
  mode: 'live',
  metadata: {},
  createdAt: at,
  updatedAt: at,
  ...change,
});

export const addConversation = async (
  { store }: Pick<StoreUnderTest, 'store'>,
  workspaceId: string,
  change: Partial<Conversation> = {},
): Promise<Conversation> => {
  const conversation = conversationOf(workspaceId, change);
  await store.transact((writers) => writers.conversations.insert(conversation, null));
  return conversation;
};

export const messageOf = (conversation: Conversation, text: string): Omit<Message, 'seq'> => ({
  id: newId('msg'),
  workspaceId: conversation.workspaceId,
  conversationId: conversation.id,
  turnId: null,
  role: 'user',
  parts: [{ type: 'text', text }],
  tokens: 1,
  metadata: {},
  citations: [],
  createdAt: at,
});

export const addMessages = (
  { store }: Pick<StoreUnderTest, 'store'>,
  conversation: Conversation,
  texts: readonly string[],
) =>
  store.transact((writers) =>
    writers.conversations.appendMessages(
      conversation.workspaceId,
      conversation.id,
      texts.map((text) => messageOf(conversation, text)),
    ),
  );

/** Makes the bot where there is none by this id. */
const ensureBot = ({ store }: Pick<StoreUnderTest, 'store'>, workspaceId: string, id: string): Promise<void> =>
  store.transact(async ({ bots }) => {
    if (await bots.find(workspaceId, id)) return;
    const config = { ...botDefaults('builtin'), name: id };
    await bots.insert({ id, workspaceId, version: 1, createdAt: at, updatedAt: at, config }, 'test');
  });

export const acceptTurn = async (
  { store }: Pick<StoreUnderTest, 'store'>,
  workspaceId: string,
  change: Partial<AcceptTurn> = {},
): Promise<AcceptedTurn> => {
  const period = periodAt(at);
  await ensureBot({ store }, workspaceId, change.botId ?? 'bot_a');
  return store.turns.accept({
    workspaceId,
    turnId: newId('turn'),
    botId: 'bot_a',
    botVersion: 1,
    channel: 'api',
    mode: 'live',
    principal: 'key:test',
    userId: 'user-1',
    conversationId: null,
    newConversation: false,
    onBusy: 'queue',
    maxQueued: 5,
    message: { id: newId('msg'), text: 'Hello', tokens: 1, metadata: {} },
    greeting: null,
    newConversationId: newId('conv'),
    context: {},
    quota: {
      periodStart: period.start,
      periodEnd: period.end,
      shares: [{ workspaceId, ownerId: workspaceId, limit: null, warnAt: null }],
    },
    idempotency: null,
    lease: { owner: 'node_test', durationMs: 60_000 },
    historyLimit: 0,
    at,
    ...change,
  });
};

/** How a turn ends that was answered and charged. */
export const completed = (turn: Turn): FinishTurn => ({
  turn,
  status: 'completed',
  finishReason: 'stop',
  errorCode: null,
  reply: { id: newId('msg'), text: 'Good day.', tokens: 3, citations: [] },
  model: 'builtin',
  inputTokens: 10,
  outputTokens: 3,
  charge: true,
  receipt: '{}',
  log: '[1]',
  lease: null,
  historyLimit: 0,
  at,
});

/** Walks a list to its end in both directions; gives the ids of each walk, newest first, and fails on an endless one. */
export const walk = async <Item extends { id: string }>(
  read: (page: PageRequest) => Promise<Page<Item>>,
  limit: number,
): Promise<{ down: string[]; up: string[] }> => {
  const down: string[] = [];
  let page = await read({ limit, after: null, before: null });
  for (let pages = 0; pages < 100; pages++) {
    down.push(...page.items.map(({ id }) => id));
    const last = down.at(-1);
    if (!page.hasMore || last === undefined) break;
    page = await read({ limit, after: last, before: null });
  }
  const oldest = down.at(-1);
  const up: string[] = oldest === undefined ? [] : [oldest];
  for (let pages = 0; pages < 100; pages++) {
    const newest = up[0];
    if (newest === undefined) break;
    const { items, hasMore } = await read({ limit, after: null, before: newest });
    up.unshift(...items.map(({ id }) => id));
    if (!hasMore) break;
  }
  return { down, up };
};
