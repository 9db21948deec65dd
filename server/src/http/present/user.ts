import type {
  erasureSchema,
  userSchema,
  userWithCountsSchema,
  userWithFactsSchema,
} from '@parley/protocol/user-schemas';
import type { z } from 'zod';
import type { Erasure } from '../../core/user/erasure.ts';
import type { KnownFact } from '../../core/memory/known-facts.ts';
import type { User, UserCounts } from '../../core/user/user.ts';
import { presentTime, presentTimeOrNull } from './time.ts';

export const presentUser = (user: User): z.output<typeof userSchema> => ({
  id: user.userId,
  object: 'user',
  user_id: user.userId,
  traits: user.traits,
  linked_user_ids: user.linkedUserIds,
  created_at: presentTime(user.createdAt),
});

type WithFacts = { user: User; facts: readonly KnownFact[] };

export const presentUserWithFacts = ({ user, facts }: WithFacts): z.output<typeof userWithFactsSchema> => ({
  ...presentUser(user),
  facts: facts.map(({ name, value, origin, messageId, confidence, at }) => ({
    name,
    value,
    reason: origin === 'set' ? 'set' : 'said',
    message_id: messageId,
    confidence,
    created_at: presentTime(at ?? 0),
  })),
});

export const presentUserWithCounts = ({
  counts,
  ...user
}: WithFacts & { counts: UserCounts }): z.output<typeof userWithCountsSchema> => ({
  ...presentUserWithFacts(user),
  counts: { conversations: counts.conversations, messages: counts.messages },
});

/** `userId`: null wherever the caller has not just named it. */
export const presentErasure = (erasure: Erasure, userId: string | null): z.output<typeof erasureSchema> => ({
  id: erasure.id,
  object: 'erasure',
  user_id: userId,
  user_id_hash: erasure.userHash,
  status: erasure.status,
  users: erasure.users,
  conversations: erasure.conversations,
  messages: erasure.messages,
  turns: erasure.turns,
  created_at: presentTime(erasure.createdAt),
  completed_at: presentTimeOrNull(erasure.completedAt),
});
