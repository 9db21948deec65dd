import { sourceParams, sourceSchema } from '@parley/protocol/source-schemas';
import { refreshSource } from '../../../core/knowledge/refresh-source.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentSource } from '../../present/source.ts';
import type { RouteParts } from '../../route-parts.ts';

export const refreshSourceRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/bots/:bot_id/sources/:source_id/refresh',
    operationId: 'refreshSource',
    summary: 'Read a source again',
    description: 'It is found as it was until it is `ready` again.',
    tag: 'Knowledge',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    params: sourceParams,
    replies: { 200: sourceSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const request = { principal, botId: params.bot_id, sourceId: params.source_id };
      return { status: 200, body: presentSource(await refreshSource(writers, request, clock)) };
    },
  });
