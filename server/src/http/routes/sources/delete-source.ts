import { deletedSchema } from '@parley/protocol/common-schemas';
import { sourceParams } from '@parley/protocol/source-schemas';
import { deleteSource } from '../../../core/knowledge/delete-source.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteSourceRoute = ({ clock, forgetKnowledge }: Pick<RouteParts, 'clock' | 'forgetKnowledge'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/bots/:bot_id/sources/:source_id',
    operationId: 'deleteSource',
    summary: 'Delete a source',
    description: 'Nothing of it is found from then on.',
    tag: 'Knowledge',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    params: sourceParams,
    replies: { 200: deletedSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const request = { principal, botId: params.bot_id, sourceId: params.source_id };
      await deleteSource(writers, request, { clock, forgetKnowledge });
      return { status: 200, body: presentDeleted('source', params.source_id) };
    },
  });
