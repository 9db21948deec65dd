import { sourceParams, sourceSchema } from '@parley/protocol/source-schemas';
import { embeddingProgress } from '../../../core/knowledge/embedding-progress.ts';
import { findSource } from '../../../core/knowledge/find-source.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentSource } from '../../present/source.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getSourceRoute = ({ readers, embeddingModel }: Pick<RouteParts, 'readers' | 'embeddingModel'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/bots/:bot_id/sources/:source_id',
    operationId: 'getSource',
    summary: 'Read a source',
    description: 'Its state and its size; poll it until its `status` is `ready`.',
    tag: 'Knowledge',
    access: { principals: ['key', 'session'], scope: 'bots:read' },
    params: sourceParams,
    replies: { 200: sourceSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => {
      const source = await findSource(readers, { principal, botId: params.bot_id, sourceId: params.source_id });
      const progress = await embeddingProgress(readers.vectors, embeddingModel, [source]);
      return { status: 200, body: presentSource(source, progress.get(source.id) ?? null) };
    },
  });
