import { type ChatClient, createAuth, createChatClient } from "@confab/sdk";
import { until } from "@confab/testkit";
import type { ClusterAddresses } from "./cluster.ts";

export interface Person {
  userId: string;
  username: string;
  /** A device of this person at the gateway with this index; closed with the test. */
  device(gateway?: number): ChatClient;
  /** A fresh access token. */
  token(): Promise<string>;
}

let count = 0;

/** Signs up somebody new, over the public REST. */
export async function signUp(
  cluster: ClusterAddresses,
  cleanup: AsyncDisposableStack,
  name = "person",
): Promise<Person> {
  const username = `${name}-${++count}-${Date.now().toString(36)}`;
  const auth = createAuth({ url: address(cluster, 0), storage: memory() });
  const me = await auth.register({ username, password: "correct horse battery", displayName: name });
  const token = async () => auth.getToken({ reason: "connect", signal: AbortSignal.timeout(5000) });
  return {
    userId: me.id,
    username,
    token,
    device(gateway = 0) {
      const chat = createChatClient({ url: address(cluster, gateway), getToken: auth.getToken });
      cleanup.defer(() => chat.disconnect());
      return chat;
    },
  };
}

/** A device that is connected and has its list of conversations. */
export async function online(person: Person, gateway = 0): Promise<ChatClient> {
  const chat = person.device(gateway);
  chat.connect();
  await until(() => chat.connection.getSnapshot().state === "online", {
    describe: () => `${person.username} online: ${JSON.stringify(chat.connection.getSnapshot())}`,
  });
  return chat;
}

/** Gateways by number, wherever there are fewer of them: gateway 1 of a single one is gateway 0. */
export const address = (cluster: ClusterAddresses, gateway: number): string =>
  cluster.addresses[gateway % cluster.addresses.length] as string;

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}
