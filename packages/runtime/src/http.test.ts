import { ChatError } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bindInternalRoute, bindRoute, createHttpServer } from "./http.ts";
import { Lifecycle } from "./lifecycle.ts";
import { createLogger } from "./log.ts";
import { createMetrics } from "./metrics.ts";

const SECRET = "s".repeat(32);

function server() {
  const log = createLogger({ service: "test", level: "silent" });
  const lifecycle = new Lifecycle(log);
  const state: { unready?: string; dead?: string } = {};
  const metrics = createMetrics("test");
  const app = createHttpServer({
    log,
    lifecycle,
    metrics,
    unready: () => state.unready,
    dead: () => state.dead,
    bodyLimitBytes: 1000,
  });
  bindRoute(
    app,
    {
      about: "",
      method: "POST",
      path: "/v1/things/:id",
      auth: "user",
      params: z.object({ id: z.string().max(3) }),
      body: z.strictObject({ fail: z.enum(["not_found", "bug"]).optional() }),
      status: 201,
      reply: z.object({ id: z.string(), actor: z.string() }),
    },
    async (request) => {
      if (request.headers.authorization !== "Bearer good") throw new ChatError("unauthenticated");
      return "alice";
    },
    async ({ params, body, actor }) => {
      if (body.fail === "bug") throw new Error("secret detail");
      if (body.fail) throw new ChatError(body.fail, { retryAfterMs: 1500 });
      return { id: params.id, actor };
    },
  );
  bindInternalRoute(
    app,
    { path: "/internal/echo", body: z.object({ say: z.string() }), reply: z.object({ say: z.string() }) },
    SECRET,
    async (body) => body,
  );
  const post = (url: string, body: unknown, token = "good") =>
    app.inject({
      method: "POST",
      url,
      payload: body as object,
      headers: { authorization: `Bearer ${token}` },
    });
  return { app, lifecycle, state, post };
}

describe("createHttpServer", () => {
  it("answers a bound route with its status and parsed input", async () => {
    const { post } = server();
    const reply = await post("/v1/things/7", {});
    expect(reply.statusCode).toBe(201);
    expect(reply.json()).toEqual({ id: "7", actor: "alice" });
  });

  it.each([
    ["/v1/things/7", { fail: "not_found" }, "good", 404, "not_found"],
    ["/v1/things/7", { extra: 1 }, "good", 400, "invalid"],
    ["/v1/things/1234", {}, "good", 400, "invalid"],
    ["/v1/things/7", {}, "bad", 401, "unauthenticated"],
    ["/v1/things/7", { fail: "x".repeat(2000) }, "good", 413, "too_large"],
    ["/v1/nothing", {}, "good", 404, "not_found"],
    ["/v1/things/7", { fail: "bug" }, "good", 500, "internal"],
  ])("turns %s %o into a problem", async (url, body, token, status, code) => {
    const { post } = server();
    const reply = await post(url, body, token);
    expect(reply.statusCode).toBe(status);
    expect(reply.headers["content-type"]).toContain("application/problem+json");
    expect(reply.json()).toMatchObject({ status, code, requestId: reply.headers["x-request-id"] });
    expect(reply.body).not.toContain("secret detail");
  });

  it("says when to come back, in the body and in the header", async () => {
    const { post } = server();
    const reply = await post("/v1/things/7", { fail: "not_found" });
    expect(reply.json().retryAfterMs).toBe(1500);
    expect(reply.headers["retry-after"]).toBe("2");
  });

  it("lets only services in by the back door", async () => {
    const { post } = server();
    expect((await post("/internal/echo", { say: "hi" }, SECRET)).json()).toEqual({ say: "hi" });
    expect((await post("/internal/echo", { say: "hi" }, "good")).statusCode).toBe(401);
    expect((await post("/internal/echo", { say: "hi" }, "x".repeat(32))).statusCode).toBe(401);
  });

  it("is ready while it can work and alive while a new process would do no better", async () => {
    const { app, state, lifecycle } = server();
    expect((await app.inject("/readyz")).statusCode).toBe(200);
    state.unready = "no database";
    expect((await app.inject("/readyz")).json()).toEqual({ ok: false, reason: "no database" });
    expect((await app.inject("/livez")).statusCode).toBe(200);
    state.dead = "no progress";
    expect((await app.inject("/livez")).statusCode).toBe(503);
    expect((await app.inject("/livez")).json()).toEqual({ ok: false, reason: "no progress" });
    expect((await app.inject("/metrics")).body).toContain("chat_http_request_duration_seconds");
    await lifecycle.stop();
    expect(lifecycle.stopping).toBe(true);
  });
});
