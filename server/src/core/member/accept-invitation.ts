import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { ParleyError } from '../error.ts';
import type { Transact } from '../store.ts';
import { hashInvitationToken, isInvitationToken } from './invitation-token.ts';
import type { Member } from './member.ts';

/** The same for a token that was never made, was used, was taken back, or has expired. */
const noInvitation = (): ParleyError =>
  new ParleyError('not_found', 'There is no such invitation, or it has expired. Ask for a new one.', {
    param: 'token',
  });

/**
 * Makes a member of whoever has the token of an invitation, which is then used up. Throws not_found, and already_exists
 * where the address has become a member otherwise.
 */
export const acceptInvitation = async (
  transact: Transact,
  { token, name }: { token: string; name: string },
  clock: Clock,
): Promise<Member> => {
  if (!isInvitationToken(token)) throw noInvitation();
  return transact(async (writers) => {
    const at = clock();
    const invitation = await writers.invitations.take(hashInvitationToken(token));
    // what was taken is put back by the error
    if (!invitation || invitation.expiresAt <= at) throw noInvitation();
    const { workspaceId, email, role } = invitation;
    if (!(await writers.workspaces.find(workspaceId))) throw noInvitation();
    const member: Member = { id: newId('mem'), workspaceId, email, name, role, createdAt: at, updatedAt: at };
    if (!(await writers.members.insert(member))) {
      throw new ParleyError('already_exists', 'This address is a member already.');
    }
    await writers.audit.append({
      workspaceId,
      actor: `invitation:${invitation.id}`,
      action: 'member.create',
      target: member.id,
      detail: { role, invited_by: invitation.invitedBy },
      at,
    });
    return member;
  });
};
