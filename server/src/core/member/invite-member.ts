import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { principalName } from '../access/principal.ts';
import { assertNeverEnds } from '../access/principal-end.ts';
import { assertHoldsRole, assertWholeWorkspace, type Role } from '../access/role.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { normaliseEmail } from './email.ts';
import type { Invitation } from './invitation.ts';
import { hashInvitationToken, makeInvitationToken } from './invitation-token.ts';

/** Long enough for a holiday's end, short enough that a forgotten mail opens nothing. */
const invitationMs = 7 * 24 * 60 * 60 * 1_000;
/** More than a team invites at once; past it somebody sends mail in a loop. */
const maxOpenInvitations = 200;
const maxMembers = 1_000;

/** An invitation with the token that nobody will see again. */
export type InvitationWithToken = { invitation: Invitation; token: string };

/**
 * Invites an address to the principal's workspace, with a role that holds no more than the principal, who must not
 * expire, since members do not. Throws insufficient_scope, already_exists for an address that is a member or invited, and plan_limit_reached.
 */
export const inviteMember = async (
  writers: Writers,
  request: { principal: KeyManager; email: string; role: Role },
  clock: Clock,
): Promise<InvitationWithToken> => {
  const { principal, role } = request;
  const { workspaceId } = principal;
  assertWholeWorkspace(principal);
  assertHoldsRole(principal, role);
  await assertNeverEnds(writers, principal, 'make members');
  const email = normaliseEmail(request.email);
  const at = clock();
  await assertFree(writers, { workspaceId, email, at });
  const invitation: Invitation = {
    id: newId('inv'),
    workspaceId,
    email,
    role,
    invitedBy: principalName(principal),
    createdAt: at,
    expiresAt: at + invitationMs,
  };
  const token = makeInvitationToken();
  if (!(await writers.invitations.insert(invitation, hashInvitationToken(token)))) throw invitedAlready();
  await writers.audit.append({
    workspaceId,
    actor: invitation.invitedBy,
    action: 'invitation.create',
    target: invitation.id,
    // nothing is ever taken out of the log, and an address may have to be
    detail: { role },
    at,
  });
  return { invitation, token };
};

const invitedAlready = (): ParleyError =>
  new ParleyError('already_exists', 'This address is invited already. Delete that invitation to make a new one.', {
    param: 'email',
  });

type Wanted = { workspaceId: string; email: string; at: number };

const assertFree = async ({ members, invitations }: Writers, { workspaceId, email, at }: Wanted): Promise<void> => {
  if (await members.findByEmail(workspaceId, email)) {
    throw new ParleyError('already_exists', 'This address is a member already.', { param: 'email' });
  }
  const open = await invitations.findByEmail(workspaceId, email);
  if (open && open.expiresAt > at) throw invitedAlready();
  if (open) await invitations.remove(workspaceId, open.id);
  const invited = await invitations.count(workspaceId, at);
  // each of them may become a member
  if (invited >= maxOpenInvitations || invited + (await members.count(workspaceId)) >= maxMembers) {
    throw new ParleyError(
      'plan_limit_reached',
      `A workspace has at most ${maxOpenInvitations} open invitations, and ${maxMembers} members with those who are invited. Delete some first.`,
    );
  }
};
