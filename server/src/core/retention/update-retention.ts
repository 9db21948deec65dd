import type { Clock } from '../../kit/clock.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { principalName } from '../access/principal.ts';
import { assertWholeWorkspace } from '../access/role.ts';
import type { Writers } from '../store.ts';
import type { Retention } from './retention.ts';

/**
 * Changes what the workspace keeps, of every bot and in both modes; what is too much already is removed by a job that begins
 * at once. Throws insufficient_scope.
 */
export const updateRetention = async (
  writers: Writers,
  { principal, change }: { principal: KeyManager; change: Partial<Retention> },
  { clock }: { clock: Clock },
): Promise<Retention> => {
  assertWholeWorkspace(principal);
  const { workspaceId } = principal;
  const retention = { ...(await writers.retention.find(workspaceId)), ...change };
  await writers.retention.save(workspaceId, retention);
  await writers.jobs.enqueue({
    workspaceId,
    kind: 'enforce-retention',
    payload: {},
    dedupeKey: `enforce-retention:${workspaceId}`,
  });
  await writers.audit.append({
    workspaceId,
    actor: principalName(principal),
    action: 'workspace.retention',
    target: workspaceId,
    detail: {
      retention_days: retention.retentionDays,
      max_messages_per_conversation: retention.maxMessagesPerConversation,
    },
    at: clock(),
  });
  return retention;
};
