import type { FastifySchema } from 'fastify';
import type { Route } from './define-route.ts';

/** What a route's description says of it, apart from its schemas. */
export const describeOperation = (route: Route): FastifySchema => {
  if (route.hidden) return { hide: true };
  const scope = route.access === 'public' ? null : route.access.scope;
  const notes = [route.description, scope === null ? undefined : `Scope: \`${scope}\`.`];
  const description = notes.filter((note) => note !== undefined).join('\n\n');
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    ...(description === '' ? {} : { description }),
    security: route.access === 'public' ? [] : [{ apiKey: [] }],
  };
};
