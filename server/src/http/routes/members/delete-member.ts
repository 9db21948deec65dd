import { deletedSchema } from '@parley/protocol/common-schemas';
import { memberParams } from '@parley/protocol/member-schemas';
import { removeMember } from '../../../core/member/remove-member.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteMemberRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/members/:member_id',
    operationId: 'deleteMember',
    summary: 'Take a member from the workspace',
    description: 'Keys that they made go on working. A workspace keeps one owner.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: memberParams,
    replies: { 200: deletedSchema },
    errors: ['not_found', 'last_owner'],
    handler: async (writers, { principal, params }) => {
      await removeMember(writers, { principal, memberId: params.member_id }, clock);
      return { status: 200, body: presentDeleted('member', params.member_id) };
    },
  });
