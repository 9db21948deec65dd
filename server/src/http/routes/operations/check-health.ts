import { z } from 'zod';
import { defineRoute, type Route } from '../../define-route.ts';

export const checkHealthRoute = (): Route =>
  defineRoute({
    method: 'GET',
    path: '/healthz',
    operationId: 'checkHealth',
    summary: 'Is the process alive',
    tag: 'Operations',
    access: 'public',
    replies: { 200: z.strictObject({ status: z.string() }).describe('The process answers.') },
    errors: [],
    handler: async () => ({ status: 200, body: { status: 'ok' } }),
  });
