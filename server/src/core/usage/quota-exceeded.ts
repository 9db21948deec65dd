import { ParleyError } from '../error.ts';
import type { AcceptTurn, QuotaShare } from '../turn/turn.ts';
import { readOwnerId } from './quota-owner.ts';

/**
 * The refusal of a message for which a node of the quota tree has nothing left; `param` names the node's kind. What others
 * have used of an agency's quota is not told to its clients.
 */
export const quotaExceeded = (
  share: QuotaShare,
  counter: { used: number; reserved: number },
  { workspaceId, quota }: { workspaceId: string; quota: AcceptTurn['quota'] },
): ParleyError => {
  const own = share.workspaceId === workspaceId;
  const { type } = readOwnerId(share.ownerId);
  const isClient = own && type === 'workspace' && quota.shares[0]?.workspaceId !== workspaceId;
  const end = new Date(quota.periodEnd).toISOString().replace('.000Z', 'Z');
  const taken = own
    ? `${counter.used + counter.reserved} of ${share.limit} messages used${by[type]}`
    : 'The quota that this workspace shares with others is used up';
  return new ParleyError('quota_exceeded', `${taken}; the period ends ${end}.`, { param: isClient ? 'client' : type });
};

const by = { workspace: '', bot: ' by this bot', user: ' by this user' } as const;
