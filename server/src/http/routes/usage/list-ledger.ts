import { listOf } from '@parley/protocol/common-schemas';
import { ledgerEntrySchema, listLedgerQuery } from '@parley/protocol/usage-schemas';
import { listLedger } from '../../../core/usage/list-ledger.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentLedgerEntry } from '../../present/usage.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listLedgerRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/usage/ledger',
    operationId: 'listLedger',
    summary: 'List the charges',
    description:
      'Every message that was charged, with its turn, newest first. Those of a period sum up to `messages.used` in `GET /v1/usage`; those of a bot, to that of its `quota`.',
    tag: 'Usage',
    access: { principals: ['key', 'session'], scope: 'usage:read' },
    query: listLedgerQuery,
    replies: { 200: listOf(ledgerEntrySchema) },
    errors: ['invalid_request', 'overloaded'],
    handler: async ({ principal, query }) => {
      const page = await listLedger(readers, { principal, ownerId: query.owner_id ?? null }, toPageRequest(query));
      return { status: 200, body: presentList(page, presentLedgerEntry) };
    },
  });
