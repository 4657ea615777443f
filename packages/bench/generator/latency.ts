import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

/** Microseconds from 1 to two minutes, to three digits. */
export function createHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 120_000_000,
    numberOfSignificantValueDigits: 3,
    autoResize: true,
  });
}

/** A histogram on its way between processes. */
export type PackedHistogram = string;
export const pack = (histogram: Histogram): PackedHistogram => encodeIntoCompressedBase64(histogram);

export function merge(packed: PackedHistogram[]): Histogram {
  const all = createHistogram();
  for (const one of packed) all.add(decodeFromCompressedBase64(one));
  return all;
}

export const recordMs = (histogram: Histogram, ms: number): void =>
  histogram.recordValue(Math.max(1, Math.round(ms * 1000)));

/** The usual percentiles, in milliseconds, as `<name>P50Ms` … `<name>MaxMs`. Nothing for an empty histogram. */
export function percentiles(name: string, histogram: Histogram): Record<string, number> {
  if (histogram.totalCount === 0) return {};
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return {
    [`${name}P50Ms`]: at(50),
    [`${name}P95Ms`]: at(95),
    [`${name}P99Ms`]: at(99),
    [`${name}P999Ms`]: at(99.9),
    [`${name}MaxMs`]: histogram.maxValue / 1000,
  };
}
