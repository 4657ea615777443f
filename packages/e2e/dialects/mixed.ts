import { until } from "@confab/testkit";
import { expect } from "vitest";
import type { Cluster } from "../cluster.ts";
import { type Person, signUp } from "../people.ts";
import { rest } from "../rest.ts";
import { type Device, openDevice, VOICES } from "./voices.ts";

interface Talk {
  conversationId: string;
  devices: Device[];
  peerOf: (person: Person) => string | undefined;
}

/** Two people, each with a device of every dialect and a native one; spread over the gateways. */
export async function directTalk(cluster: Cluster, cleanup: AsyncDisposableStack): Promise<Talk> {
  const [ann, bo] = [await signUp(cluster, cleanup, "ann"), await signUp(cluster, cleanup, "bo")];
  const { post } = rest(cluster.addresses[0] as string, await ann.token());
  const conversationId = (await post("/v1/conversations", { kind: "direct", userId: bo.userId })).body.id;
  const owners = [ann, bo].flatMap((person) => VOICES.map((voice) => ({ person, voice })));
  return {
    conversationId,
    devices: await openAll(cluster, cleanup, owners, conversationId),
    peerOf: ({ userId }) => (userId === ann.userId ? bo.userId : ann.userId),
  };
}

/** A group with one person for every dialect and a native one. */
export async function groupTalk(cluster: Cluster, cleanup: AsyncDisposableStack): Promise<Talk> {
  const owners = [];
  for (const voice of VOICES) {
    owners.push({ voice, person: await signUp(cluster, cleanup, `p-${voice.name}`) });
  }
  const [first, ...others] = owners.map(({ person }) => person);
  const { post } = rest(cluster.addresses[0] as string, await first?.token());
  const memberIds = others.map(({ userId }) => userId);
  const made = await post("/v1/conversations", { kind: "group", title: "All", memberIds });
  const conversationId = made.body.id;
  return {
    conversationId,
    devices: await openAll(cluster, cleanup, owners, conversationId),
    peerOf: () => undefined,
  };
}

async function openAll(
  cluster: Cluster,
  cleanup: AsyncDisposableStack,
  owners: Pick<Device, "person" | "voice">[],
  conversationId: string,
): Promise<Device[]> {
  const devices = [];
  for (const [index, owner] of owners.entries()) {
    const url = cluster.gatewayUrls[index % cluster.gatewayUrls.length] as string;
    devices.push(await openDevice(cleanup, url, { ...owner, where: { conversationId } }));
  }
  // Whoever came first is told of those who came later, and these of whom they find here.
  for (const device of devices) {
    for (const { person } of devices) {
      if (!device.voice.isHere || person === device.person) continue;
      await device.hears(device.voice.isHere, person.userId, `${person.username} come`);
    }
  }
  return devices;
}

/** Everybody who has a word for it says something; all the others hear it once, and all in the same order. */
export async function everybodyTalks({ conversationId, devices, peerOf }: Talk): Promise<void> {
  const texts: string[] = [];
  for (const speaker of devices) {
    const peerId = peerOf(speaker.person);
    if (!speaker.voice.say || (speaker.voice.name === "000" && peerId === undefined)) continue;
    const text = `from ${speaker.name}`;
    texts.push(text);
    const where = { conversationId, ...(peerId !== undefined && { peerId }) };
    speaker.voice.say(speaker.socket, text, where, speaker.person);
    for (const device of devices) {
      if (device === speaker) continue;
      await until(() => device.texts().includes(text), {
        timeoutMs: 20_000,
        describe: () => `${device.name} hears ${text}: ${JSON.stringify(device.heard.slice(-5))}`,
      });
    }
  }
  expect(texts.length).toBeGreaterThan(4);
  // A burst, so that order is worth something.
  const burst = devices.filter((device) => device.voice.name !== "000" && device.voice.say);
  for (let round = 0; round < 3; round++) {
    for (const speaker of burst) {
      const text = `${round} from ${speaker.name}`;
      texts.push(text);
      speaker.voice.say?.(speaker.socket, text, { conversationId }, speaker.person);
    }
  }
  const heardBy = (device: Device) => device.texts().filter((text) => texts.includes(text as string));
  const isOwn = (device: Device) => (text: unknown) => String(text).endsWith(`from ${device.name}`);
  const reference = devices.find((device) => device.voice.name === "native") as Device;
  for (const device of devices) {
    // What is judged by is all of it.
    const awaited = device === reference ? texts : texts.filter((text) => !isOwn(device)(text));
    await until(() => awaited.every((text) => device.texts().includes(text)), {
      timeoutMs: 30_000,
      describe: () => `${device.name} hears ${awaited.length}, heard ${heardBy(device).length}`,
    });
  }
  const order = heardBy(reference);
  expect(order).toHaveLength(texts.length);
  for (const device of devices) {
    const foreign = heardBy(device).filter((text) => !isOwn(device)(text));
    expect(foreign, device.name).toEqual(order.filter((text) => !isOwn(device)(text)));
  }
}

/** Typing, reading and leaving of each arrive at all the others in their own words. */
export async function everybodyShows({ conversationId, devices }: Talk): Promise<void> {
  const where = { conversationId };
  for (const actor of devices.filter(({ voice }) => voice.type)) {
    for (const device of devices) device.heard.length = 0;
    actor.voice.type?.(actor.socket, where);
    for (const device of devices.filter(({ person }) => person !== actor.person)) {
      if (device.voice.isTyping) await device.hears(device.voice.isTyping, actor.person.userId, "typing");
    }
    actor.voice.stop?.(actor.socket, where);
    // A person types or does not: the next of their devices begins when this one has ended.
    const hasStopped = (event: string, { userIds }: { userIds?: string[] }, id: string) =>
      event === "typing:changed" && userIds?.includes(id) === false;
    for (const device of devices.filter(({ voice }) => voice.name === "native")) {
      await device.hears(hasStopped, actor.person.userId, "typing end");
    }
  }
  for (const actor of devices.filter(({ voice }) => voice.read)) {
    const speaker = devices.find(
      ({ voice, person }) => voice.name === "native" && person !== actor.person,
    ) as Device;
    for (const device of devices) device.heard.length = 0;
    speaker.voice.say?.(speaker.socket, `for ${actor.name}`, where, speaker.person);
    await until(() => actor.texts().includes(`for ${actor.name}`));
    const { payload } = await until(() => speaker.heard.find(({ event }) => event === "message:created"));
    actor.voice.read?.(actor.socket, where, { id: payload.id });
    for (const device of devices) {
      // It shows to whom it happened, in a dialect that tells only of one's own messages.
      if (device.voice.name === "000" && device.person !== speaker.person) continue;
      if (device === actor && device.voice.name !== "002") continue;
      await device.hears(device.voice.isRead, actor.person.userId, `${actor.name} read`);
    }
  }
}

/** Whoever goes is gone for all others, in the words of each. */
export async function oneLeaves({ devices }: Talk): Promise<void> {
  const leaving = devices.find(({ voice }) => voice.name === "002") as Device;
  leaving.socket.disconnect();
  for (const device of devices) {
    if (!device.voice.isGone || device.person === leaving.person) continue;
    await device.hears(device.voice.isGone, leaving.person.userId, "somebody leave");
  }
}
