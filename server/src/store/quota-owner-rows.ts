import type { Insertable, Kysely } from 'kysely';
import type { QuotaLimits } from '../core/usage/quota-limits.ts';
import type { Schema } from './schema.ts';
import type { QuotaOwnersTable } from './tables/quota-owners.ts';

/**
 * The root of a workspace's quota tree, which bears the workspace's own id, so that nothing has to look it up. It has a
 * parent where its messages count on that one's quota, too.
 */
export const rootOwner = (
  workspace: { id: string; createdAt: number },
  kind: 'workspace' | 'client',
  share: (QuotaLimits & { parentId: string }) | null,
): Insertable<QuotaOwnersTable> => ({
  workspace_id: workspace.id,
  id: workspace.id,
  parent_id: share?.parentId ?? null,
  kind,
  subject_id: workspace.id,
  hard_limit: share?.messagesPerMonth ?? null,
  soft_limit: share?.warnAt ?? null,
  created_at: workspace.createdAt,
});

/** The node whose limits are those of each user of a bot; what a user has used is counted under an id of the user's own. */
export const usersNodeId = (botId: string): string => usersNodePrefix + botId;
export const usersNodePrefix = 'users_of:';

/** Sets the limits of a node, or takes it away where there are none. */
export const writeLimits = async (
  db: Kysely<Schema>,
  node: Pick<QuotaOwnersTable, 'workspace_id' | 'id' | 'parent_id' | 'kind' | 'subject_id'> & { at: number },
  limits: QuotaLimits | null,
): Promise<void> => {
  const { at, ...row } = node;
  if (!limits) {
    await db
      .deleteFrom('quota_owners')
      .where('workspace_id', '=', node.workspace_id)
      .where('id', '=', node.id)
      .execute();
    return;
  }
  const values = { hard_limit: limits.messagesPerMonth, soft_limit: limits.warnAt };
  await db
    .insertInto('quota_owners')
    .values({ ...row, ...values, created_at: at })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doUpdateSet(values))
    .execute();
};
