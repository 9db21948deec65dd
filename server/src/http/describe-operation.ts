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
    security: securityOf(route),
    ...(route.access === 'public' ? {} : { 'x-principals': [...route.access.principals] }),
  };
};

type Security = Record<string, string[]>[];

/** Each entry is one way in; what stands in one entry is sent together. */
const securityOf = ({ access }: Route): Security => {
  if (access === 'public') return [];
  const { principals } = access;
  const ways: Security = principals.includes('key') || principals.includes('session') ? [{ apiKey: [] }] : [];
  if (!principals.includes('visitor')) return ways;
  return [
    ...ways,
    { publishableKey: [] },
    { publishableKey: [], visitorToken: [] },
    { publishableKey: [], userToken: [] },
    { publishableKey: [], visitorToken: [], userToken: [] },
  ];
};
