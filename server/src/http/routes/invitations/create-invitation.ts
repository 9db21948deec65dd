import { createInvitationSchema, invitationWithTokenSchema } from '@parley/protocol/member-schemas';
import { inviteMember } from '../../../core/member/invite-member.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentInvitationWithToken } from '../../present/member.ts';
import type { RouteParts } from '../../route-parts.ts';

export const createInvitationRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/invitations',
    operationId: 'createInvitation',
    summary: 'Invite somebody to the workspace',
    description:
      'The token is in this answer and nowhere else; send it to the address yourself. It is good for seven days and one use. An address has one open invitation. A key that expires invites nobody, since members do not.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    secret: true,
    body: createInvitationSchema,
    replies: { 201: invitationWithTokenSchema },
    errors: ['already_exists', 'plan_limit_reached'],
    handler: async (writers, { principal, body }) => {
      const invited = await inviteMember(writers, { principal, email: body.email, role: body.role }, clock);
      return { status: 201, body: presentInvitationWithToken(invited) };
    },
  });
