import type { erasureSchema, userSchema, userWithCountsSchema } from '@parley/protocol/user-schemas';
import type { z } from 'zod';
import type { Erasure } from '../../core/user/erasure.ts';
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

export const presentUserWithCounts = ({
  user,
  counts,
}: {
  user: User;
  counts: UserCounts;
}): z.output<typeof userWithCountsSchema> => ({
  ...presentUser(user),
  facts: [],
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
