import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Cut, createCut } from "./cut.ts";
import { until } from "./until.ts";

/** Answers every piece with itself. */
async function startEcho() {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (piece) => {
      heard.push(piece.toString());
      socket.write(piece);
    });
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = (server.address() as { port: number }).port;
  return {
    port,
    heard,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function open(port: number) {
  const socket = connect({ host: "127.0.0.1", port });
  const seen = { text: "", ended: false, error: "" };
  socket.on("data", (piece) => {
    seen.text += piece.toString();
  });
  socket.on("close", () => {
    seen.ended = true;
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    seen.error = error.code ?? error.message;
  });
  await until(() => socket.readyState === "open" || seen.error !== "");
  return { socket, seen };
}

/** Once this has been answered, a proxy that lets earlier words through would have done so. */
async function roundTrip(port: number): Promise<void> {
  const { socket, seen } = await open(port);
  socket.write("?");
  await until(() => seen.text === "?");
  socket.destroy();
}

describe("a cut", () => {
  let echo: Awaited<ReturnType<typeof startEcho>>;
  let cut: Cut;
  beforeEach(async () => {
    echo = await startEcho();
    cut = await createCut(echo.port);
  });
  afterEach(async () => {
    await cut[Symbol.asyncDispose]();
    echo[Symbol.dispose]();
  });

  test("passes everything while it is whole", async () => {
    const { socket, seen } = await open(cut.port);
    socket.write("hello");
    await until(() => seen.text === "hello");
    socket.end();
    await until(() => cut.connections === 0);
  });

  test("ends connections and refuses new ones, until it heals", async () => {
    const before = await open(cut.port);
    await until(() => cut.connections === 1);
    await cut.cut();
    await until(() => before.seen.ended);
    const during = await open(cut.port);
    expect(during.seen.error).toBe("ECONNREFUSED");
    await cut.heal();
    await roundTrip(cut.port);
  });

  test("resets", async () => {
    const { seen } = await open(cut.port);
    await until(() => cut.connections === 1);
    cut.reset();
    await until(() => seen.error === "ECONNRESET");
    await roundTrip(cut.port);
  });

  test("freezes old and new connections, and gives up what it held", async () => {
    const old = await open(cut.port);
    await until(() => cut.connections === 1);
    cut.freeze();
    const young = await open(cut.port);
    old.socket.write("old");
    young.socket.write("young");
    await roundTrip(echo.port);
    expect(echo.heard).toEqual(["?"]);
    expect([old.seen.ended, young.seen.ended]).toEqual([false, false]);
    await cut.heal();
    await until(() => old.seen.text === "old" && young.seen.text === "young");
  });

  test("holds answers alone", async () => {
    const { socket, seen } = await open(cut.port);
    cut.holdAnswers();
    socket.write("done");
    await until(() => echo.heard.includes("done"));
    await roundTrip(echo.port);
    expect(seen.text).toBe("");
    await cut.heal();
    await until(() => seen.text === "done");
  });

  test("freezes what a delay had on its way", async () => {
    const { socket } = await open(cut.port);
    await until(() => cut.connections === 1);
    // Long enough to be frozen within it, also by a machine that is busy.
    cut.delay(1000);
    socket.write("late");
    const writtenAt = performance.now();
    await roundTrip(echo.port);
    cut.freeze();
    await until(() => performance.now() - writtenAt > 1100, { describe: "the delay is over" });
    expect(echo.heard).toEqual(["?"]);
    await cut.heal();
    await until(() => echo.heard.join("") === "?late");
  });

  test("delays both ways", async () => {
    cut.delay(20);
    const startedAt = performance.now();
    await roundTrip(cut.port);
    // Timers may be a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThan(37);
  });

  test("keeps the order when the delay shrinks", async () => {
    const { socket } = await open(cut.port);
    cut.delay(40);
    socket.write("1");
    await roundTrip(echo.port);
    cut.delay(0);
    socket.write("2");
    const heard = () => echo.heard.join("").replace("?", "");
    await until(() => heard().length === 2);
    expect(heard()).toBe("12");
  });

  test("gives the target's URL with itself in it", async () => {
    await using other = await createCut(`mysql://user:p%40ss@127.0.0.1:${echo.port}/confab?ssl=true`);
    expect(other.url).toBe(`mysql://user:p%40ss@127.0.0.1:${other.port}/confab?ssl=true`);
  });
});
