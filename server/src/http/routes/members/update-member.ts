import { memberParams, memberSchema, updateMemberSchema } from '@parley/protocol/member-schemas';
import { changeRole } from '../../../core/member/change-role.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentMember } from '../../present/member.ts';
import type { RouteParts } from '../../route-parts.ts';

export const updateMemberRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'PATCH',
    path: '/v1/members/:member_id',
    operationId: 'updateMember',
    summary: 'Give a member another role',
    description:
      'Nobody gives or takes a role that may do more than they do, a key that expires gives none, and a workspace keeps one owner.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: memberParams,
    body: updateMemberSchema,
    replies: { 200: memberSchema },
    errors: ['not_found', 'last_owner'],
    handler: async (writers, { principal, params, body }) => {
      const request = { principal, memberId: params.member_id, role: body.role };
      return { status: 200, body: presentMember(await changeRole(writers, request, clock)) };
    },
  });
