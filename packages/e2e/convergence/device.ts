import { type Attention, type ChatClient, createChatClient, type TimelineMessage } from "@confab/sdk";
import { type Cut, createCut, createRandom, type Random } from "@confab/testkit";
import type { Cluster } from "../cluster.ts";
import { address, type Person } from "../people.ts";
import { type Holding, lastMessageFacts, memberFacts, messageFacts } from "./facts.ts";

/** One device of a person: an SDK client behind a wire of its own. */
export interface Device {
  name: string;
  person: Person;
  chat: ChatClient;
  wire: Cut;
  random: Random;
  /** Whether somebody looks at it; `look` is a glance at the window. */
  attention: Attention & { active: boolean; look(active: boolean): void };
  /** What is on its screen: conversation → close. */
  open: Map<string, () => void>;
  /** What it showed wrongly on the way. */
  faults: string[];
}

export async function createDevice(
  cluster: Cluster,
  cleanup: AsyncDisposableStack,
  input: { name: string; person: Person; gateway: number; seed: number },
): Promise<Device> {
  const { name, person, gateway, seed } = input;
  const wire = cleanup.use(await createCut(address(cluster, gateway)));
  const random = createRandom(seed);
  const attention = createAttention();
  const chat = createChatClient({ url: wire.url, getToken: person.token, random: random.next, attention });
  cleanup.defer(() => chat.disconnect());
  return { name, person, chat, wire, random, attention, open: new Map(), faults: [] };
}

function createAttention(): Device["attention"] {
  const listeners = new Set<() => void>();
  return {
    active: true,
    isActive() {
      return this.active;
    },
    isVisible: () => true,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onNetwork: () => () => {},
    look(active) {
      this.active = active;
      for (const listener of listeners) listener();
    },
  };
}

/** Puts a conversation on the screen and watches what it shows of it from now on. */
export function openOn(device: Device, conversationId: string): void {
  if (device.open.has(conversationId)) return;
  const handle = device.chat.conversation(conversationId);
  const close = handle.open({ autoRead: device.random.chance(0.3) });
  const stop = handle.messages.subscribe(() => watch(device, handle.messages.getSnapshot().items));
  device.open.set(conversationId, () => {
    stop();
    close();
    device.open.delete(conversationId);
  });
}

/** P5 at every moment: in order, each once. */
function watch(device: Device, items: readonly TimelineMessage[]): void {
  const keys = new Set<string>();
  let previous = 0;
  for (const { key, seq } of items) {
    if (keys.has(key)) device.faults.push(`${device.name} shows ${key} twice`);
    keys.add(key);
    if (seq !== null && seq <= previous) device.faults.push(`${device.name} shows ${seq} after ${previous}`);
    previous = seq ?? previous;
  }
}

/** Everything that the device would show now. */
export function holdingOf({ name, chat, open }: Device): Holding {
  return {
    name,
    conversations: chat.conversations.getSnapshot().items.map((item) => {
      const handle = chat.conversation(item.id);
      const details = handle.details.getSnapshot();
      const { items, status, hasOlder, atLatest } = handle.messages.getSnapshot();
      const committed = items.filter(isCommitted);
      const isLoaded = status === "ready" && items.length > 0;
      return {
        id: item.id,
        kind: item.kind,
        title: item.title,
        avatarUrl: item.avatarUrl,
        members: memberFacts(details?.members ?? []),
        hasMarks: isLoaded && open.has(item.id),
        counts: {
          unreadCount: item.unreadCount,
          mentionCount: item.mentionCount,
          lastMessage: lastMessageFacts(item.lastMessage),
        },
        messages: (atLatest ? committed : withoutLanding(committed)).map(messageFacts),
        window: isLoaded ? { fromStart: !hasOlder, toEnd: atLatest } : null,
      };
    }),
  };
}

export const isCommitted = (
  message: TimelineMessage,
): message is TimelineMessage & { id: string; seq: number } => message.id !== null && message.seq !== null;

/** In a window that ends elsewhere, what one said oneself last stands apart. */
function withoutLanding<T extends { mine: boolean; seq: number }>(messages: T[]): T[] {
  const end = messages.findLastIndex(
    (message, index) => !message.mine || messages[index - 1]?.seq === message.seq - 1,
  );
  return messages.slice(0, end + 1);
}

/** What it has not got rid of: sent neither nor refused. */
export const unsent = ({ chat }: Device): number =>
  chat.outbox.getSnapshot().filter((item) => item.state !== "failed").length;
