import {
  type Attention,
  type ChatClient,
  type ConversationHandle,
  createChatClient,
  type ThreadHandle,
  type TimelineMessage,
} from "@confab/sdk";
import { type Cut, createCut, createRandom, type Random } from "@confab/testkit";
import type { Cluster } from "../cluster.ts";
import { address, type Person } from "../people.ts";
import {
  type HeldThread,
  type Holding,
  lastMessageFacts,
  memberFacts,
  messageFacts,
  type OwnFacts,
} from "./facts.ts";
import { settingsFacts } from "./own.ts";

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
  /** The threads beside them. */
  threads: OpenThread[];
  /** What it showed wrongly on the way. */
  faults: string[];
}

interface OpenThread {
  conversationId: string;
  handle: ThreadHandle;
  close(): void;
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
  return { name, person, chat, wire, random, attention, open: new Map(), threads: [], faults: [] };
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
    for (const thread of device.threads.filter((one) => one.conversationId === conversationId))
      thread.close();
  });
}

/** Puts a thread beside the conversation that is on the screen. */
export function openThreadOn(device: Device, conversationId: string, rootId: string): void {
  if (device.threads.some(({ handle }) => handle.rootId === rootId)) return;
  const handle = device.chat.conversation(conversationId).thread(rootId);
  const close = handle.open();
  const thread: OpenThread = {
    conversationId,
    handle,
    close() {
      close();
      device.threads = device.threads.filter((one) => one !== thread);
    },
  };
  device.threads.push(thread);
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
export function holdingOf({ name, chat, open, threads }: Device): Holding {
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
        own: { settings: settingsFacts(item.personal), ...(details?.kind === "direct" && draftsOn(handle)) },
        threads: threads.filter(({ conversationId }) => conversationId === item.id).flatMap(threadOn),
        messages: (atLatest ? committed : withoutLanding(committed)).map(messageFacts),
        window: isLoaded ? { fromStart: !hasOlder, toEnd: atLatest } : null,
      };
    }),
  };
}

const draftsOn = (handle: ConversationHandle): Pick<OwnFacts, "drafts"> => {
  const { body } = handle.draft().text.getSnapshot();
  return { drafts: body === "" ? {} : { "": body } };
};

function threadOn({ handle }: OpenThread): HeldThread[] {
  const { root, items, state, hasOlder, status } = handle.view.getSnapshot();
  if (status !== "ready" || state === null) return [];
  const { following, readSeq, unreadCount } = state;
  const replies = items.map(messageFacts);
  return [
    {
      rootId: handle.rootId,
      root: root && messageFacts(root),
      replies,
      hasOlder,
      following,
      readSeq,
      unreadCount,
    },
  ];
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
