import { memberParams, memberSchema } from '@parley/protocol/member-schemas';
import { findMember } from '../../../core/member/find-member.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentMember } from '../../present/member.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getMemberRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/members/:member_id',
    operationId: 'getMember',
    summary: 'Read a member',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: memberParams,
    replies: { 200: memberSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => ({
      status: 200,
      body: presentMember(await findMember(readers.members, principal, params.member_id)),
    }),
  });
