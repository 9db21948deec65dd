import { keyParams, keySchema } from '@parley/protocol/key-schemas';
import { finishRotation } from '../../../core/access/finish-rotation.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentKey } from '../../present/key.ts';
import type { RouteParts } from '../../route-parts.ts';

export const finishRotationRoute = ({ clock, forgetKey }: Pick<RouteParts, 'clock' | 'forgetKey'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/keys/:key_id/finish-rotation',
    operationId: 'finishRotation',
    summary: 'End the overlap of a rotation',
    description:
      'From here on only the newest secret works. Nothing happens where no rotation is under way. Only for a key that holds no more than the one that asks.',
    tag: 'Keys',
    access: { principals: ['key', 'session'], scope: 'keys:write' },
    params: keyParams,
    replies: { 200: keySchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const request = { principal, keyId: params.key_id };
      const key = await finishRotation(writers, request, { clock, forget: forgetKey });
      return { status: 200, body: presentKey(key) };
    },
  });
