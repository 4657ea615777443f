import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type { Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * How long the event loop lags is sampled by a timer, which wakes an idle process: every 10 ms, prom-client's default,
 * was half of what an idle Confab used; every 100 ms was a quarter.
 */
const LAG_SAMPLE_MS = 250;

/** Seconds from a cache hit to the longest deadline. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A service's own registry. Labels come from closed sets, never an id: each value is a time series for ever. */
export interface Metrics {
  registry: Registry;
  /** Memory, CPU and event loop of this process. */
  collectProcess(): void;
  counter<L extends string>(name: string, help: string, labelNames?: L[]): Counter<L>;
  gauge<L extends string>(name: string, help: string, labelNames?: L[], collect?: () => number): Gauge<L>;
  histogram<L extends string>(name: string, help: string, labelNames?: L[], buckets?: number[]): Histogram<L>;
}

export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  return {
    registry,
    collectProcess: () =>
      collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_SAMPLE_MS }),
    counter: <L extends string>(name: string, help: string, labelNames: L[] = []) =>
      new Counter<L>({ name, help, labelNames, registers: [registry] }),
    gauge: <L extends string>(name: string, help: string, labelNames: L[] = [], collect?: () => number) =>
      new Gauge<L>({
        name,
        help,
        labelNames,
        registers: [registry],
        ...(collect && {
          collect() {
            this.set(collect());
          },
        }),
      }),
    histogram: <L extends string>(name: string, help: string, labelNames: L[] = [], buckets = SECONDS) =>
      new Histogram<L>({ name, help, labelNames, buckets, registers: [registry] }),
  };
}
