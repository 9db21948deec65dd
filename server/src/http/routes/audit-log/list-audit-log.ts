import { auditLogSchema, listAuditLogQuery } from '@parley/protocol/audit-schemas';
import { assertWholeWorkspace } from '../../../core/access/role.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentAuditEntry } from '../../present/audit-entry.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listAuditLogRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/audit_log',
    operationId: 'listAuditLog',
    summary: 'List acts of administration',
    description: 'Newest first. Who did what to what, and when. Chat is not among it.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    query: listAuditLogQuery,
    replies: { 200: auditLogSchema },
    errors: [],
    handler: async ({ principal, query }) => {
      assertWholeWorkspace(principal);
      const { action = null, actor = null, target = null } = query;
      const page = await readers.audit.list(principal.workspaceId, { action, actor, target }, toPageRequest(query));
      return { status: 200, body: presentList(page, presentAuditEntry) };
    },
  });
