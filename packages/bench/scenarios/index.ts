import type { Scenario } from "../lib/bench.ts";
import { absent } from "./absent.ts";
import { connect } from "./connect.ts";
import { gateways } from "./gateways.ts";
import { groups } from "./groups.ts";
import { history } from "./history.ts";
import { idle } from "./idle.ts";
import { presence } from "./presence.ts";
import { receipts } from "./receipts.ts";
import { reconnect } from "./reconnect.ts";
import { send } from "./send.ts";
import { sync } from "./sync.ts";

/** In the order in which `npm run bench` runs them. */
export const SCENARIOS: Scenario[] = [
  send,
  groups,
  receipts,
  absent,
  gateways,
  idle,
  connect,
  reconnect,
  history,
  sync,
  presence,
];
