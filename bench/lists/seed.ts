import type { Principal } from '../../server/src/core/access/principal.ts';
import type { Conversation } from '../../server/src/core/conversation/conversation.ts';
import { createConversation } from '../../server/src/core/conversation/create-conversation.ts';
import type { Store } from '../../server/src/core/store.ts';
import { systemClock } from '../../server/src/kit/clock.ts';
import { seedTurns } from './seed-turns.ts';

/** Conversations of one transaction. */
const conversationsAtOnce = 500;

/** One of the two sizes that are compared. */
export type Subject = {
  size: number;
  botId: string;
  /** Has `size` conversations with the bot, each with its greeting. */
  userId: string;
  /** Newest first. */
  conversationIds: string[];
  /** Of another user, with `size` messages, by as many turns as that needs. */
  conversationId: string;
  workspaceId: string;
  /** Newest first. */
  messageIds: string[];
};

/** Fills the store through its own use cases and transactions. */
export const seedSubject = async (
  store: Store,
  { size, botId, reply }: { size: number; botId: string; reply: string },
): Promise<Subject> => {
  const workspaceId = await store.transact(async (writers) => (await writers.workspaces.findDefault())?.id);
  if (workspaceId === undefined) throw new Error('the store has no workspace');
  const principal: Principal = {
    kind: 'key',
    workspaceId,
    keyId: 'key_seed',
    mode: 'live',
    scopes: new Set(['all']),
    botIds: null,
  };
  const seeding = { store, principal, botId };
  const userId = `user-of-${size}-conversations`;
  const conversations = await seedConversations(seeding, { userId, count: size });
  const [chatted] = await seedConversations(seeding, { userId: `user-of-${size}-messages`, count: 1 });
  if (!chatted) throw new Error('no conversation was made');
  const messageIds = await seedTurns(store, chatted, { turns: Math.ceil(size / 2), firstSeq: 2, reply });
  return {
    size,
    botId,
    userId,
    conversationIds: conversations.map(({ id }) => id).toReversed(),
    conversationId: chatted.id,
    workspaceId,
    messageIds: messageIds.toReversed(),
  };
};

const seedConversations = async (
  { store, principal, botId }: { store: Store; principal: Principal; botId: string },
  { userId, count }: { userId: string; count: number },
): Promise<Conversation[]> => {
  const made: Conversation[] = [];
  while (made.length < count) {
    const some = Math.min(conversationsAtOnce, count - made.length);
    await store.transact(async (writers) => {
      for (let index = 0; index < some; index++) {
        const request = { principal, botId, userId, channel: 'api' as const, metadata: {} };
        const { conversation } = await createConversation(writers, request, { clock: systemClock });
        made.push(conversation);
      }
    });
  }
  return made;
};
