import { botParams } from '@parley/protocol/bot-schemas';
import { createSourceSchema, maxSourceBodyBytes, sourceSchema } from '@parley/protocol/source-schemas';
import { addSource } from '../../../core/knowledge/add-source.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentSource, toSourceContent } from '../../present/source.ts';
import type { RouteParts } from '../../route-parts.ts';

export const createSourceRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/bots/:bot_id/sources',
    operationId: 'createSource',
    summary: 'Add knowledge to a bot',
    description: 'The source is found once its `status` is `ready`, moments later.',
    tag: 'Knowledge',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    params: botParams,
    body: createSourceSchema,
    bodyLimitBytes: maxSourceBodyBytes,
    replies: { 201: sourceSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params, body }) => {
      const source = await addSource(
        writers,
        { principal, botId: params.bot_id, title: body.title, content: toSourceContent(body), url: null },
        clock,
      );
      return { status: 201, body: presentSource(source) };
    },
  });
