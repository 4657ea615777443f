import { expect, it } from "vitest";
import { createSlowReaderCheck } from "./slow-readers.ts";
import type { GatewaySocket } from "./socket.ts";

const SLOW = { bytes: 1000, packets: 10, stuckMs: 5000, checkMs: 1000 };

/** A connection to which so much is waiting to be written. */
function aConnection(packets: number, data = "x") {
  const connection = {
    writeBuffer: Array.from({ length: packets }, () => ({ data })),
    transport: { writable: false, socket: { bufferedAmount: 100 } },
  };
  return { connection, looked: connection as unknown as GatewaySocket["conn"] };
}

it("goes by what waits, when it cannot be written", () => {
  const look = createSlowReaderCheck(SLOW);
  expect(look(aConnection(11).looked)).toBe("packets");
  expect(look(aConnection(1, "x".repeat(901)).looked)).toBe("bytes");
  const { connection, looked } = aConnection(11);
  connection.transport.writable = true;
  expect(look(looked)).toBeUndefined();
});

it("counts looks in which nothing was taken, whatever the clock says", () => {
  const look = createSlowReaderCheck(SLOW);
  const { connection, looked } = aConnection(2);
  const answers = (looks: number) => Array.from({ length: looks }, () => look(looked));
  expect(answers(5)).not.toContain("stuck");
  connection.writeBuffer = [{ data: "something was taken" }];
  expect(answers(5)).not.toContain("stuck");
  expect(answers(1)).toEqual(["stuck"]);
});
