import type { Route } from '../../define-route.ts';
import { checkHealthRoute } from './check-health.ts';
import { checkReadinessRoute } from './check-readiness.ts';
import { describeApiRoute } from './describe-api.ts';
import type { OperationsParts } from './operations-parts.ts';
import { readMetricsRoute } from './read-metrics.ts';
import { referencePageRoutes } from './reference-page.ts';

/** What an operator, a load balancer and a reader of the API ask for. */
export const operationsRoutes = (parts: OperationsParts): Route[] => [
  checkHealthRoute(),
  checkReadinessRoute(parts),
  describeApiRoute(parts),
  ...referencePageRoutes(),
  ...(parts.metricsAccess.kind === 'token' ? [readMetricsRoute(parts.metrics, parts.metricsAccess.token)] : []),
];
