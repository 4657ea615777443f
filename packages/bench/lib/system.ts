import type { Promises } from "../generator/ledger.ts";
import type { BenchProcess } from "./proc.ts";

export type SystemName = "confab" | "seed";

/** A chat system under test; all of them speak the same protocol and use the same tables. */
export interface System extends AsyncDisposable {
  name: SystemName;
  /** `ws://host:port`, one for each process that takes connections. */
  gateways: string[];
  /** Where its REST is; Confab alone has one. */
  restUrl?: string;
  databaseUrl: string;
  promises: Promises;
  /** Every process that works for it, stores included. */
  processes: BenchProcess[];
  /** Addresses of `/metrics`, by process name. */
  metricsUrls: { name: string; url: string }[];
  /** An access token that lasts longer than any run. */
  mintToken(userId: string): Promise<string>;
}
