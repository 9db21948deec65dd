import type { Clock } from '../../kit/clock.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { principalName } from '../access/principal.ts';
import { assertNeverEnds } from '../access/principal-end.ts';
import { assertHoldsRole, type Role } from '../access/role.ts';
import type { Writers } from '../store.ts';
import { findMember } from './find-member.ts';
import { keepOwner } from './keep-owner.ts';
import type { Member } from './member.ts';

/**
 * Gives a member another role. Who changes it must hold all that the old and the new one may do, and not
 * expire. Throws not_found,
 * insufficient_scope, and last_owner.
 */
export const changeRole = async (
  writers: Writers,
  request: { principal: KeyManager; memberId: string; role: Role },
  clock: Clock,
): Promise<Member> => {
  const { principal, memberId, role } = request;
  const member = await findMember(writers.members, principal, memberId);
  assertHoldsRole(principal, member.role);
  assertHoldsRole(principal, role);
  if (role === member.role) return member;
  await assertNeverEnds(writers, principal, 'give a role');
  await keepOwner(writers.members, member);
  const at = clock();
  const changed: Member = { ...member, role, updatedAt: at };
  await writers.members.update(changed);
  await writers.audit.append({
    workspaceId: member.workspaceId,
    actor: principalName(principal),
    action: 'member.update',
    target: member.id,
    detail: { role, previous_role: member.role },
    at,
  });
  return changed;
};
