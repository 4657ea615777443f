/** The part of a pino logger that this package uses; `{}` logs nothing. */
export interface DbLog {
  info?(fields: object, message: string): void;
  warn?(fields: object, message: string): void;
}
