import type { Clock } from '../../kit/clock.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { principalName } from '../access/principal.ts';
import { assertHoldsRole, assertWholeWorkspace } from '../access/role.ts';
import { notFound } from '../error.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Writers } from '../store.ts';
import type { Invitation, InvitationReader } from './invitation.ts';

/** The open invitations of the principal's workspace, newest first. */
export const listInvitations = async (
  invitations: Pick<InvitationReader, 'list'>,
  { principal, page }: { principal: KeyManager; page: PageRequest },
  clock: Clock,
): Promise<Page<Invitation>> => {
  assertWholeWorkspace(principal);
  return invitations.list(principal.workspaceId, page, clock());
};

/** Takes an invitation back: its token opens nothing any more. Throws not_found and insufficient_scope. */
export const withdrawInvitation = async (
  writers: Writers,
  { principal, invitationId }: { principal: KeyManager; invitationId: string },
  clock: Clock,
): Promise<void> => {
  assertWholeWorkspace(principal);
  const at = clock();
  const invitation = await writers.invitations.find(principal.workspaceId, invitationId);
  if (!invitation || invitation.expiresAt <= at) throw notFound('invitation');
  assertHoldsRole(principal, invitation.role);
  await writers.invitations.remove(invitation.workspaceId, invitation.id);
  await writers.audit.append({
    workspaceId: invitation.workspaceId,
    actor: principalName(principal),
    action: 'invitation.delete',
    target: invitation.id,
    detail: { role: invitation.role },
    at,
  });
};
