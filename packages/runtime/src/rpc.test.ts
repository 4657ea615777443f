import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ChatError } from "@confab/contract";
import type { InternalRoute } from "@confab/contract/internal";
import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { RpcClient } from "./rpc.ts";

const ROUTE = { path: "/internal/echo", body: z.unknown(), reply: z.unknown() } as unknown as InternalRoute;

let server: Server | undefined;
let client: RpcClient | undefined;
afterEach(async () => {
  await client?.[Symbol.asyncDispose]();
  server?.closeAllConnections();
  server?.close();
});

/** A service that answers so, and a client of it with one connection. */
async function callsTo(listener: RequestListener, deadlineMs = 20_000) {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
  client = new RpcClient({ baseUrl, internalToken: "secret", deadlineMs, connections: 1 });
  return (body: unknown) => (client as RpcClient).call(ROUTE, body as never);
}

it("brings the reply, whole, however it was cut on its way", async () => {
  const call = await callsTo(async ({ url, headers }, response) => {
    const answer = Buffer.from(JSON.stringify({ url, by: headers.authorization, said: "schön" }));
    const middle = answer.indexOf("ö") + 1;
    response.write(answer.subarray(0, middle));
    setImmediate(() => response.end(answer.subarray(middle)));
  });
  expect(await call({})).toEqual({ url: "/base/internal/echo", by: "Bearer secret", said: "schön" });
});

it.each([
  [
    "as the service refused",
    429,
    JSON.stringify(new ChatError("rate_limited", { retryAfterMs: 7 }).toWire()),
    { code: "rate_limited", retryAfterMs: 7 },
  ],
  ["as unavailable if a proxy answered", 502, "<h1>no", { code: "unavailable", reason: "status_502" }],
  ["as unavailable if the answer is none", 200, '{"half":', { code: "unavailable", reason: "status_200" }],
])("refuses %s", async (_what, status, body, refusal) => {
  const call = await callsTo((_request, response) => void response.writeHead(status).end(body));
  await expect(call({})).rejects.toMatchObject(refusal);
});

it("says unavailable when the line is cut in the middle of an answer", async () => {
  const call = await callsTo((_request, response) => {
    response.write('{"half":', () => response.destroy());
  });
  await expect(call({})).rejects.toMatchObject({ code: "unavailable", reason: "unreachable" });
});

it("gives up on what is not answered, and never sends what it gave up on before its turn came", async () => {
  const heard: string[] = [];
  const call = await callsTo((request) => {
    request.on("data", (data) => heard.push(String(data)));
  }, 300);
  const timeout = { code: "timeout", reason: "rpc_timeout" };
  await Promise.all([call("one"), call("two")].map((asked) => expect(asked).rejects.toMatchObject(timeout)));
  const askAgain = async () => {
    await expect(call("three")).rejects.toMatchObject(timeout);
    return heard;
  };
  await expect.poll(askAgain).toContain('"three"');
  expect(heard).not.toContain('"two"');
});
