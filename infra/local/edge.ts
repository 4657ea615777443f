import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createProxyServer } from "http-proxy-3";
import { GatewayPool } from "./edge/gateways.ts";
import { refuseUpgrade, replyJson, replyProblem } from "./edge/reply.ts";
import { routeOf } from "./edge/route.ts";
import { serveWeb } from "./edge/web.ts";
import { Problem } from "./problem.mjs";

export interface DemoAccount {
  username: string;
  password: string;
  displayName: string;
}

export interface EdgeOptions {
  /** 0 takes any free port. */
  port: number;
  host?: string;
  gatewayUrls: string[];
  messageUrl: string;
  /** The built web client. */
  webDir: string;
  demoAccounts?: DemoAccount[];
}

export interface Edge {
  url: string;
  port: number;
  stop(): Promise<void>;
}

const PROXY_TIMEOUT_MS = 60_000;
const FORWARDED = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
];

/** One public address for everything that a user's browser and a developer's client may reach. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const proxy = createProxyServer({ xfwd: true, proxyTimeout: PROXY_TIMEOUT_MS });
  const pool = new GatewayPool(options.gatewayUrls);
  const web = serveWeb(options.webDir);
  const sockets = new Set<Socket>();
  // Every request has its own callback; this one is for what breaks after the answer began.
  proxy.on("error", () => {});

  // We are the first hop that can be believed: what a client says about its own address is dropped.
  const distrust = ({ headers }: IncomingMessage) => {
    for (const name of FORWARDED) delete headers[name];
  };
  const forward = (request: IncomingMessage, response: ServerResponse, target: string) =>
    proxy.web(request, response, { target }, () => replyProblem(response, 503, "service_unreachable"));

  const toGateway = async (request: IncomingMessage, response: ServerResponse) => {
    const target = await pool.pick(request);
    if (target) forward(request, response, target);
    else replyProblem(response, 503, "no_gateway");
  };

  const server = createServer((request, response) => {
    distrust(request);
    switch (routeOf(request.url ?? "/")) {
      case "gateway":
        return void toGateway(request, response);
      case "message":
        return forward(request, response, options.messageUrl);
      case "config":
        return replyJson(response, { url: "", demoAccounts: options.demoAccounts ?? [] });
      case "livez":
        return replyJson(response, { status: "ok" });
      case "hidden":
        return replyProblem(response, 404, "no_such_route");
      case "web":
        return web(request, response);
    }
  });

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    distrust(request);
    if (routeOf(request.url ?? "/") !== "gateway") return refuseUpgrade(socket, 404, "no_such_route");
    const target = await pool.pick(request);
    if (!target) return refuseUpgrade(socket, 503, "no_gateway");
    proxy.ws(request, socket as Socket, head, { target }, () => socket.destroy());
  };
  server.on("upgrade", (request, socket, head) => void upgrade(request, socket, head));
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });

  await pool.refresh();
  const { port, host = "127.0.0.1" } = options;
  server.listen(port, host);
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    pool.close();
    throw explainListen(error, port);
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    url: `http://localhost:${actual}`,
    port: actual,
    async stop() {
      pool.close();
      server.close();
      // Browsers keep their connections open; nobody waits for that.
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

/** Fails early, before anything slow was started for a port that we cannot have. */
export async function assertPortFree(port: number, host: string): Promise<void> {
  const server = createServer().listen(port, host);
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    throw explainListen(error, port);
  });
  await once(server.close(), "close");
}

function explainListen(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === "EADDRINUSE") {
    return new Problem(`Port ${port} is taken by another program.`, [
      "Choose another one: npm start -- --port 9000",
    ]);
  }
  if (error.code === "EACCES") {
    return new Problem(`Port ${port} needs more rights than we have.`, [
      "Choose one above 1024: npm start -- --port 8080",
    ]);
  }
  return error;
}
