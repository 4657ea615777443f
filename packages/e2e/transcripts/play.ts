import { inspect } from "node:util";
import { until } from "@confab/testkit";
import { io, type Socket } from "socket.io-client";
import type { Cluster } from "../cluster.ts";
import { signUp } from "../people.ts";
import { rest } from "../rest.ts";
import type { Emit, Hear, Step, Transcript } from "./script.ts";
import { fill, matches, type Values } from "./values.ts";

const PEOPLE = ["ann", "bo", "cy"];
const PATIENCE_MS = 20_000;

interface Client {
  socket: Socket;
  heard: { event: string; payload: unknown }[];
}

/** Three people, two of whom have a direct conversation, and all of whom are in a group. */
export async function setStage(cluster: Cluster, cleanup: AsyncDisposableStack): Promise<Values> {
  const values: Values = new Map();
  const address = cluster.addresses[0] as string;
  for (const name of PEOPLE) {
    const person = await signUp(cluster, cleanup, name);
    values.set(name, person.userId).set(`${name}.token`, await person.token());
  }
  const [ann, bo, cy] = PEOPLE.map((name) => values.get(name));
  const { post } = rest(address, values.get("ann.token"));
  const direct = await post("/v1/conversations", { kind: "direct", userId: bo });
  const group = await post("/v1/conversations", { kind: "group", title: "Garden", memberIds: [bo, cy] });
  if (ann === undefined || !direct.body.id || !group.body.id) throw new Error("no stage");
  values.set("direct", direct.body.id).set("group", group.body.id);
  return values;
}

export const gatewayOf = (cluster: Cluster, who: string): string => {
  const index = PEOPLE.indexOf(who.split(".")[0] as string);
  return cluster.gatewayUrls[index % cluster.gatewayUrls.length] as string;
};

/** Plays a transcript with nothing but socket.io-client as it comes; throws at the first step that goes otherwise. */
export async function play(
  cluster: Cluster,
  cleanup: AsyncDisposableStack,
  { seed, steps }: Transcript,
): Promise<void> {
  const values = await setStage(cluster, cleanup);
  const clients = new Map<string, Client>();
  const clientOf = (who: string): Client => {
    const client = clients.get(who);
    if (!client) throw new Error(`${who} is not connected`);
    return client;
  };
  const open = (who: string, auth: object): Socket => {
    const socket = io(gatewayOf(cluster, who), {
      forceNew: true,
      reconnection: false,
      auth: fill(values, auth) as object,
    });
    cleanup.defer(() => void socket.disconnect());
    return socket;
  };
  const playStep = async (step: Step): Promise<void> => {
    if ("connect" in step) {
      const client: Client = { socket: open(step.who, step.connect), heard: [] };
      clients.set(step.who, client);
      client.socket.onAny((event: string, payload: unknown) => client.heard.push({ event, payload }));
      await until(() => client.socket.connected, { describe: `${step.who} connects` });
    } else if ("refused" in step) {
      const socket = open(step.who, step.refused);
      await new Promise((resolve) => socket.once("connect_error", resolve));
    } else if ("leave" in step) {
      clientOf(step.who).socket.disconnect();
    } else if ("emit" in step) await say(clientOf(step.who).socket, step, values);
    else await listen(clientOf(step.who), step, values);
  };
  for (const [index, step] of steps.entries()) {
    try {
      await playStep(step);
    } catch (cause) {
      throw new Error(`${seed}, step ${index + 1}: ${inspect(step)}`, { cause });
    }
  }
}

async function say(socket: Socket, { emit, payload, ack }: Emit, values: Values): Promise<void> {
  const args = payload === undefined ? [] : [fill(values, payload)];
  if (ack === undefined) {
    socket.emit(emit, ...args);
    return;
  }
  const answer: unknown = await socket.timeout(PATIENCE_MS).emitWithAck(emit, ...args);
  if (!matches(values, ack, answer)) throw new Error(`was answered ${inspect(answer, { depth: 5 })}`);
}

/** What is heard is taken away, so that it counts once. */
async function listen(client: Client, { who, hear, payload }: Hear, values: Values): Promise<void> {
  await until(
    () => {
      const at = client.heard.findIndex((one) => one.event === hear && matches(values, payload, one.payload));
      if (at >= 0) client.heard.splice(at, 1);
      return at >= 0;
    },
    { timeoutMs: PATIENCE_MS, describe: () => `${who} hears it; ${inspect(client.heard, { depth: 5 })}` },
  );
}
