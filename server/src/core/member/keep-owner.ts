import { ParleyError } from '../error.ts';
import type { Member, MemberStore } from './member.ts';

/** Refuses to take the last owner from a workspace, also where two owners are taken at once. */
export const keepOwner = async (members: Pick<MemberStore, 'lockOwners'>, member: Member): Promise<void> => {
  if (member.role !== 'owner' || (await members.lockOwners(member.workspaceId)) > 1) return;
  throw new ParleyError('last_owner');
};
