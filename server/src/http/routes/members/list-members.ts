import { listMembersQuery, memberListSchema } from '@parley/protocol/member-schemas';
import { listMembers } from '../../../core/member/find-member.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentMember } from '../../present/member.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listMembersRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/members',
    operationId: 'listMembers',
    summary: 'List members',
    description: 'Newest first.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    query: listMembersQuery,
    replies: { 200: memberListSchema },
    errors: [],
    handler: async ({ principal, query }) => {
      const page = await listMembers(readers.members, principal, toPageRequest(query));
      return { status: 200, body: presentList(page, presentMember) };
    },
  });
