import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** As many ports as asked for, free just now on loopback; taken at once, so that none is given twice. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/** Whether somebody accepts connections there. */
export async function canConnect(port: number, host = "127.0.0.1", timeoutMs = 1000): Promise<boolean> {
  const socket = connect({ port, host, timeout: timeoutMs });
  socket.once("timeout", () => socket.destroy(new Error("timeout")));
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
