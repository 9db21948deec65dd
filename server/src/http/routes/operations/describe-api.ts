import { z } from 'zod';
import { defineRoute, type Route } from '../../define-route.ts';
import type { OperationsParts } from './operations-parts.ts';

export const describeApiRoute = ({ description }: Pick<OperationsParts, 'description'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'describeApi',
    summary: 'This description',
    tag: 'Operations',
    access: 'public',
    replies: { 200: z.string().describe('The OpenAPI 3.1 document.') },
    otherContent: { 200: ['application/json'] },
    errors: [],
    handler: async () => ({
      status: 200,
      body: description(),
      headers: { 'content-type': 'application/json; charset=utf-8' },
    }),
  });
