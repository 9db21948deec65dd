import { invitationListSchema, listInvitationsQuery } from '@parley/protocol/member-schemas';
import { listInvitations } from '../../../core/member/withdraw-invitation.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentInvitation } from '../../present/member.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listInvitationsRoute = ({ readers, clock }: Pick<RouteParts, 'readers' | 'clock'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/invitations',
    operationId: 'listInvitations',
    summary: 'List open invitations',
    description: 'Newest first, without their tokens.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    query: listInvitationsQuery,
    replies: { 200: invitationListSchema },
    errors: [],
    handler: async ({ principal, query }) => {
      const page = await listInvitations(readers.invitations, { principal, page: toPageRequest(query) }, clock);
      return { status: 200, body: presentList(page, presentInvitation) };
    },
  });
