import type { Metrics, MetricsAccess } from '../../metrics.ts';

export type OperationsParts = {
  check: () => Promise<void>;
  metrics: Metrics;
  metricsAccess: MetricsAccess;
  /** The OpenAPI document as JSON text. */
  description: () => string;
};
