/** Milliseconds of the machine's monotonic clock: the same in every process of the machine. */
const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export const nowMs = (): number => performance.now() + offsetMs;
