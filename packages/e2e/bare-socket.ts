import { importJWK, SignJWT } from "jose";
import { io, type Socket } from "socket.io-client";
import type { ClusterAddresses } from "./cluster.ts";
import type { Person } from "./people.ts";

interface BareSocketOptions {
  gateway?: number;
  cleanup: AsyncDisposableStack;
  auth?: Record<string, unknown>;
}

/** A socket.io-client that knows nothing of our SDK, signed in and `ready`. */
export async function bareSocket(
  cluster: ClusterAddresses,
  person: Person,
  options: BareSocketOptions,
): Promise<Socket> {
  return connect(cluster, await person.token(), options);
}

/** The same for somebody who has no password: the token is signed with the cluster's own key. */
export async function mintedSocket(
  cluster: ClusterAddresses,
  options: BareSocketOptions & { userId: string },
): Promise<Socket> {
  const key = await importJWK(JSON.parse(cluster.environment.AUTH_SIGNING_KEY as string), "EdDSA");
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: "EdDSA" })
    .setIssuer("confab")
    .setAudience("confab")
    .setSubject(options.userId)
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(key);
  return connect(cluster, token, options);
}

function connect(cluster: ClusterAddresses, token: string, options: BareSocketOptions): Promise<Socket> {
  const url = cluster.gatewayUrls[(options.gateway ?? 0) % cluster.gatewayUrls.length] as string;
  const socket = io(url, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth: { token, protocol: 1, ...options.auth },
  });
  options.cleanup.defer(() => void socket.disconnect());
  return new Promise((resolve, reject) => {
    socket.once("ready", () => resolve(socket));
    socket.once("connect_error", reject);
  });
}
