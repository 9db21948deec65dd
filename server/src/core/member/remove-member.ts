import type { Clock } from '../../kit/clock.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { principalName } from '../access/principal.ts';
import { assertHoldsRole } from '../access/role.ts';
import type { Writers } from '../store.ts';
import { findMember } from './find-member.ts';
import { keepOwner } from './keep-owner.ts';

/** Takes a member from the workspace. Throws not_found, insufficient_scope, and last_owner. */
export const removeMember = async (
  writers: Writers,
  request: { principal: KeyManager; memberId: string },
  clock: Clock,
): Promise<void> => {
  const { principal, memberId } = request;
  const member = await findMember(writers.members, principal, memberId);
  assertHoldsRole(principal, member.role);
  await keepOwner(writers.members, member);
  await writers.members.remove(member.workspaceId, member.id);
  await writers.audit.append({
    workspaceId: member.workspaceId,
    actor: principalName(principal),
    action: 'member.delete',
    target: member.id,
    detail: { role: member.role },
    at: clock(),
  });
};
