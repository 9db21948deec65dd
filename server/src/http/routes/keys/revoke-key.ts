import { deletedSchema } from '@parley/protocol/common-schemas';
import { keyParams } from '@parley/protocol/key-schemas';
import { revokeKey } from '../../../core/access/revoke-key.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const revokeKeyRoute = ({ clock, forgetKey }: Pick<RouteParts, 'clock' | 'forgetKey'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/keys/:key_id',
    operationId: 'revokeKey',
    summary: 'Revoke a key',
    description:
      'All its secrets stop working at once. A key may revoke itself, and those that hold no more than it does.',
    tag: 'Keys',
    access: { principals: ['key', 'session'], scope: 'keys:write' },
    params: keyParams,
    replies: { 200: deletedSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const request = { principal, keyId: params.key_id };
      await revokeKey(writers, request, { clock, forget: forgetKey });
      return { status: 200, body: presentDeleted('key', params.key_id) };
    },
  });
