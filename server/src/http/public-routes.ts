import type { Route } from './define-route.ts';

/**
 * The operations that anybody may call without saying who they are, each with the reason. No other route is served
 * without a principal.
 */
export const publicOperations: Readonly<Record<string, string>> = {
  acceptInvitation: 'the token of the invitation is the right to it, and there is no member yet',
  readEmbedPage: 'a browser opens it; the key is in its path, and only pages that the key allows may frame it',
  readEmbedScript: 'the program of that page, the same for everybody',
  readEmbedConnection: 'another part of that program',
  readEmbedStyle: 'the looks of that page, the same for everybody',
  checkHealth: 'a supervisor asks whether the process lives',
  checkReadiness: 'a load balancer asks whether it can serve',
  readMetrics: 'it looks for a bearer token of its own, and is off without one',
  describeApi: 'what the routes are is no secret',
  readReference: 'the same for people',
  readReferenceScript: 'the program of that page',
  readReferenceStart: 'what starts that program',
};

/** Refuses to serve a route that takes anybody and is not among the exceptions. */
export const assertKnownPublic = (routes: Route[]): Route[] => {
  const strange = routes.find(({ access, operationId }) => access === 'public' && !(operationId in publicOperations));
  if (strange) throw new Error(`${strange.operationId} takes anybody and is not among the routes that may`);
  return routes;
};
