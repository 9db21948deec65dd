import type { invitationSchema, invitationWithTokenSchema, memberSchema } from '@parley/protocol/member-schemas';
import type { z } from 'zod';
import type { Invitation } from '../../core/member/invitation.ts';
import type { InvitationWithToken } from '../../core/member/invite-member.ts';
import type { Member } from '../../core/member/member.ts';
import { presentTime } from './time.ts';

export const presentMember = (member: Member): z.output<typeof memberSchema> => ({
  id: member.id,
  object: 'member',
  email: member.email,
  name: member.name,
  role: member.role,
  created_at: presentTime(member.createdAt),
  updated_at: presentTime(member.updatedAt),
});

export const presentInvitation = (invitation: Invitation): z.output<typeof invitationSchema> => ({
  id: invitation.id,
  object: 'invitation',
  email: invitation.email,
  role: invitation.role,
  invited_by: invitation.invitedBy,
  created_at: presentTime(invitation.createdAt),
  expires_at: presentTime(invitation.expiresAt),
});

export const presentInvitationWithToken = ({
  invitation,
  token,
}: InvitationWithToken): z.output<typeof invitationWithTokenSchema> => ({ ...presentInvitation(invitation), token });
