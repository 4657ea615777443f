import { EventEmitter } from "node:events";
import type { Server as Engine } from "engine.io";
import { expect, it } from "vitest";
import { Pings } from "./pings.ts";

class FakeConnection extends EventEmitter {
  readyState = "open";
  pingIntervalTimer: unknown = null;
  pingTimeoutTimer: unknown = null;
  hasRefreshedPingTimeout = false;
  pings = 0;
  packets = 0;
  closed: string | undefined;
  transport: object = {
    socket: { readyState: 1, _sender: { sendFrame: (frames: Buffer[]) => this.#sent(frames) } },
  };
  #sent(frames: Buffer[]): void {
    expect(Buffer.concat(frames).toString("latin1")).toBe("\x81\x012");
    this.pings += 1;
  }
  sendPacket(): void {
    this.packets += 1;
  }
  answer(): void {
    this.pingTimeoutTimer = null;
  }
  onClose(reason: string): void {
    this.closed = reason;
    this.readyState = "closed";
    this.emit("close");
  }
}

function setUp() {
  const engine = new EventEmitter();
  const pings = new Pings(engine as unknown as Engine, { pingIntervalMs: 1000, pingTimeoutMs: 400 });
  return {
    connect: (connection = new FakeConnection()) => {
      engine.emit("connection", connection);
      return connection;
    },
    /** So many hundredths of an interval pass. */
    pass: (ticks: number) => {
      for (let i = 0; i < ticks; i++) pings.tick();
    },
  };
}

it("pings each connection once in an interval, counted from when it came", () => {
  const { connect, pass } = setUp();
  const early = connect();
  pass(50);
  const late = connect();
  pass(49);
  expect([early.pings, late.pings]).toEqual([0, 0]);
  pass(1);
  early.answer();
  expect([early.pings, late.pings]).toEqual([1, 0]);
  pass(50);
  late.answer();
  expect([early.pings, late.pings]).toEqual([1, 1]);
  pass(150);
  expect([early.pings, late.pings]).toEqual([2, 2]);
});

it("closes who has not answered when the timeout is over, and pings nobody who left", () => {
  const { connect, pass } = setUp();
  const [silent, present, leaver] = [connect(), connect(), connect()];
  leaver.onClose("transport close");
  pass(100);
  present.answer();
  pass(39);
  expect(silent.closed).toBeUndefined();
  pass(1);
  expect([silent.closed, present.closed, leaver.pings]).toEqual(["ping timeout", undefined, 0]);
});

it("gives who sent something else until the next ping, and no longer", () => {
  const { connect, pass } = setUp();
  const busy = connect();
  pass(100);
  busy.hasRefreshedPingTimeout = true;
  pass(99);
  expect(busy.closed).toBeUndefined();
  pass(1);
  expect([busy.closed, busy.pings]).toEqual(["ping timeout", 1]);
});

it("leaves it to Engine.IO to ping who polls, and where somebody listens to packets", () => {
  const { connect, pass } = setUp();
  const listened = connect();
  listened.on("packetCreate", () => undefined);
  const polling = new FakeConnection();
  polling.transport = {};
  connect(polling);
  pass(100);
  expect([listened, polling].map(({ packets, pings }) => [packets, pings])).toEqual([
    [1, 0],
    [1, 0],
  ]);
});
