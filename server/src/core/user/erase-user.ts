import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { type Principal, principalName } from '../access/principal.ts';
import type { EndTurns } from '../conversation/delete-conversation.ts';
import type { Writers } from '../store.ts';
import type { Erasure } from './erasure.ts';
import { findUser } from './find-user.ts';
import { userHash } from './user-hash.ts';

/**
 * Erases a person: the user, every user they are linked to, and the visitors whose conversations were handed over to them.
 * From then on nothing finds them or what they had, and
 * their turns have ended; a job removes the rows, and then what the database's files still hold of them. Throws not_found,
 * insufficient_scope.
 */
export const eraseUser = async (
  writers: Writers,
  { principal, userId }: { principal: Principal; userId: string },
  { clock, endTurns }: { clock: Clock; endTurns: EndTurns },
): Promise<Erasure> => {
  const user = await findUser(writers.users, principal, userId);
  const { workspaceId, mode, linkedUserIds } = user;
  const known = [userId, ...linkedUserIds];
  const userIds = [...known, ...(await writers.users.visitorsBefore({ workspaceId, mode, userIds: known }))];
  const at = clock();
  const erasure: Erasure = {
    id: newId('era'),
    workspaceId,
    mode,
    userHash: userHash(user),
    status: 'running',
    users: userIds.length,
    conversations: 0,
    messages: 0,
    turns: 0,
    createdAt: at,
    completedAt: null,
  };
  const { endedTurns } = await writers.users.beginErasure({ workspaceId, mode, userIds }, erasure);
  await writers.jobs.enqueue({ workspaceId, kind: 'erase-user', payload: { erasureId: erasure.id } });
  await writers.audit.append({
    workspaceId,
    actor: principalName(principal),
    action: 'user.erase',
    target: erasure.userHash,
    detail: { erasure_id: erasure.id, users: userIds.length },
    at,
  });
  writers.afterCommit(() => {
    endTurns(workspaceId, endedTurns);
  });
  return erasure;
};
