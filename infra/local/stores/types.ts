export type StoreMode = "auto" | "env" | "local" | "docker";
/** Where the stores came from, once `auto` has been settled. */
export type StoreSource = Exclude<StoreMode, "auto">;
export type Log = (line: string) => void;

/** A store that runs as our own child process, with what a chaos test does to it. */
export interface StoreProcess {
  readonly name: string;
  readonly port: number;
  readonly logFile: string;
  readonly pid: number | undefined;
  /** Sends a signal and returns at once; SIGSTOP and SIGCONT freeze and thaw. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it cleanly and waits for that. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data, and waits until it answers. */
  start(): Promise<void>;
}

/** Hears of a store that had answered and then ended unasked. */
export type StoreExitListener = (store: StoreProcess, detail: string) => void;

export interface StoreUrls {
  /** An administrator's URL without a database. */
  mysqlUrl: string;
  redisRealtimeUrl: string;
  redisQueueUrl: string;
}

export interface Stores extends StoreUrls {
  source: StoreSource;
  /** What really answers, such as `MariaDB 10.11.19, Redis 7.0.15`. */
  flavour: string;
  /** Only where the stores are our own children (`source` is `local`). */
  mysql?: StoreProcess;
  redisRealtime?: StoreProcess;
  redisQueue?: StoreProcess;
  stop(): Promise<void>;
}
