import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger } from "pino";

/** Message bodies and credentials never reach a log, also not by way of a whole object (design.md, P9). */
const REDACTED = [
  "body",
  "token",
  "password",
  "accessToken",
  "refreshToken",
  "authorization",
  "*.body",
  "*.token",
  "*.password",
  "*.accessToken",
  "*.refreshToken",
  "*.authorization",
  "req.headers",
];

/** JSON lines to stdout; `service` names the process in every line. */
export function createLogger(
  options: { service: string; level: string },
  destination?: DestinationStream,
): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: "[redacted]" },
    formatters: { level: (level: string) => ({ level }) },
  };
  return destination ? pino(settings, destination) : pino(settings);
}
