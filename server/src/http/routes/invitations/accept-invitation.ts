import { acceptInvitationSchema, memberSchema } from '@parley/protocol/member-schemas';
import { acceptInvitation } from '../../../core/member/accept-invitation.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentMember } from '../../present/member.ts';
import type { RouteParts } from '../../route-parts.ts';

/** Anybody may send one. */
const bodyLimitBytes = 16_384;

export const acceptInvitationRoute = ({
  transact,
  clock,
  visitors,
}: Pick<RouteParts, 'transact' | 'clock' | 'visitors'>): Route =>
  defineRoute({
    method: 'POST',
    path: '/auth/invitations/accept',
    operationId: 'acceptInvitation',
    summary: 'Become a member',
    description:
      'Needs no key: the token is the right to it, and is used up by it. It does not look at an `Idempotency-Key`, since there is no key of a caller that one could belong to; a second call with the token is 404.',
    tag: 'Administration',
    access: 'public',
    body: acceptInvitationSchema,
    bodyLimitBytes,
    replies: { 201: memberSchema },
    errors: ['not_found', 'already_exists', 'rate_limited', 'storage_unavailable', 'overloaded'],
    handler: async ({ body, raw }) => {
      await visitors.admitAddress(raw.request);
      return { status: 201, body: presentMember(await acceptInvitation(transact, body, clock)) };
    },
  });
