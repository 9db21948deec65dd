import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type ErrorCode, errorCatalogue } from '@parley/protocol/error-catalogue';

/** Where `/metrics` is served. */
export type MetricsAccess = { kind: 'off' } | { kind: 'token'; token: string } | { kind: 'port'; port: number };

/** One series that only grows. Whoever counts keeps it, so that counting makes no labels. */
export type Count = (by?: number) => void;
/** One series of a distribution. */
export type Observe = (value: number) => void;
type Labels<Name extends string> = Readonly<Record<Name, string>>;

/** How a metric is called, without the prefix, and what it tells. */
type Named = readonly [name: string, help: string];

/** What is measured. Labels are from closed sets: never an id, a path or a name that a tenant chose. */
export interface Metrics {
  observeRequest(operation: string, status: number, seconds: number): void;
  countRefusal(code: ErrorCode): void;
  /** The name ends in `_total`, as Prometheus wants it. Each series is shown from when it is made, beginning with 0. */
  addCounter<Name extends string>(named: Named, labels: readonly Name[]): (values: Labels<Name>) => Count;
  addHistogram<Name extends string>(
    named: Named,
    of: { labels: readonly Name[]; buckets: readonly number[] },
  ): (values: Labels<Name>) => Observe;
  /** A figure that is read whenever the metrics are; NaN where it is not known. */
  addGauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** Figures by the values of one label; what is left out is not shown. */
  addGauges(
    named: Named,
    label: string,
    read: () => ReadonlyMap<string, number> | Promise<ReadonlyMap<string, number>>,
  ): void;
  readonly contentType: string;
  /** In Prometheus' text format. */
  read(): Promise<string>;
}

/** From a health check to the longest turn. */
export const durationBucketsSeconds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
];

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  // process, memory, garbage collection and the lag of the event loop
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'parley_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, streams included.',
    labelNames: ['operation', 'status_class'] as const,
    buckets: [...durationBucketsSeconds],
    registers,
  });
  const refusals = new Counter({
    name: 'parley_http_refusals_total',
    help: 'Requests that were answered with an error, by its code: quotas, limits, wrong keys, and failures.',
    labelNames: ['code'] as const,
    registers,
  });
  // from the start, since the growth of a series that was not there cannot be seen
  const refused = new Map(Object.keys(errorCatalogue).map((code) => [code, refusals.labels({ code })]));
  for (const series of refused.values()) series.inc(0);
  return {
    observeRequest: (operation, status, seconds) =>
      requests.observe({ operation, status_class: `${Math.floor(status / 100)}xx` }, seconds),
    countRefusal: (code) => refused.get(code)?.inc(),
    addCounter([name, help], labels) {
      const counter = new Counter({ name: `parley_${name}`, help, labelNames: [...labels], registers });
      return (values) => {
        const series = counter.labels(values);
        series.inc(0);
        return (by) => series.inc(by);
      };
    },
    addHistogram([name, help], { labels, buckets }) {
      const of = { labelNames: [...labels], buckets: [...buckets], registers };
      const histogram = new Histogram({ name: `parley_${name}`, help, ...of });
      return (values) => {
        const series = histogram.labels(values);
        return (value) => series.observe(value);
      };
    },
    addGauge(name, help, read) {
      const gauge: Gauge = new Gauge({
        name: `parley_${name}`,
        help,
        registers,
        collect: async () => gauge.set(await read()),
      });
    },
    addGauges([name, help], label, read) {
      const gauge: Gauge = new Gauge({
        name: `parley_${name}`,
        help,
        labelNames: [label],
        registers,
        collect: async () => {
          const figures = await read();
          gauge.reset();
          for (const [value, figure] of figures) gauge.set({ [label]: value }, figure);
        },
      });
    },
    contentType: registry.contentType,
    read: () => registry.metrics(),
  };
};
