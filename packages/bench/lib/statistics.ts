/** The middle of the values, or the mean of the two in the middle. NaN of none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half) - 1] ?? Number.NaN)) / 2;
}

export interface Spread {
  median: number;
  min: number;
  max: number;
}

export const spread = (values: number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/** Every value that any of the records has, over those that have it. */
export function summarise(records: Record<string, number>[]): Record<string, Spread> {
  const names = new Set(records.flatMap(Object.keys));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      spread(records.map((record) => record[name]).filter((value) => value !== undefined)),
    ]),
  );
}
