import { deletedSchema } from '@parley/protocol/common-schemas';
import { invitationParams } from '@parley/protocol/member-schemas';
import { withdrawInvitation } from '../../../core/member/withdraw-invitation.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteInvitationRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/invitations/:invitation_id',
    operationId: 'deleteInvitation',
    summary: 'Take an invitation back',
    description: 'Its token opens nothing any more.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: invitationParams,
    replies: { 200: deletedSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      await withdrawInvitation(writers, { principal, invitationId: params.invitation_id }, clock);
      return { status: 200, body: presentDeleted('invitation', params.invitation_id) };
    },
  });
