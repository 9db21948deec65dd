import { z } from 'zod';
import { defineRoute, type Route } from '../../define-route.ts';
import type { OperationsParts } from './operations-parts.ts';

export const checkReadinessRoute = ({ check }: Pick<OperationsParts, 'check'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/readyz',
    operationId: 'checkReadiness',
    summary: 'Can the server do its work',
    description: 'The store can be read and written, and its schema is up to date.',
    tag: 'Operations',
    access: 'public',
    replies: { 200: z.strictObject({ status: z.string() }).describe('Requests can be served.') },
    errors: ['storage_unavailable'],
    handler: async () => {
      await check();
      return { status: 200, body: { status: 'ready' } };
    },
  });
