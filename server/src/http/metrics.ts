import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { TurnStatus } from '../core/turn/turn.ts';

/** Where `/metrics` is served. */
export type MetricsAccess = { kind: 'off' } | { kind: 'token'; token: string } | { kind: 'port'; port: number };

/** What is measured. Labels are from closed sets: never an id, a path or a name that a tenant chose. */
export interface Metrics {
  observeRequest(operation: string, status: number, seconds: number): void;
  countTurn(outcome: TurnStatus): void;
  /** A figure that is read whenever the metrics are; its name without the prefix. */
  addGauge(name: string, help: string, read: () => number): void;
  readonly contentType: string;
  /** In Prometheus' text format. */
  read(): Promise<string>;
}

/** From a health check to the longest turn. */
const durationBucketsSeconds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
];

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  // process, memory, garbage collection and the lag of the event loop
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'parley_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, streams included.',
    labelNames: ['operation', 'status_class'] as const,
    buckets: durationBucketsSeconds,
    registers: [registry],
  });
  const turns = new Counter({
    name: 'parley_turns_total',
    help: 'Turns by how they ended.',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  return {
    observeRequest: (operation, status, seconds) =>
      requests.observe({ operation, status_class: `${Math.floor(status / 100)}xx` }, seconds),
    countTurn: (outcome) => turns.inc({ outcome }),
    addGauge(name, help, read) {
      const gauge: Gauge = new Gauge({
        name: `parley_${name}`,
        help,
        registers: [registry],
        collect: () => {
          gauge.set(read());
        },
      });
    },
    contentType: registry.contentType,
    read: () => registry.metrics(),
  };
};
