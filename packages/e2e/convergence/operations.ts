/** What a person does with a device, over the socket or over REST alike. */
import type { Message } from "@confab/contract";
import type { ConversationHandle, DraftHandle } from "@confab/sdk";
import type { Random } from "@confab/testkit";
import { type Device, isCommitted, openOn, openThreadOn } from "./device.ts";

interface Scene {
  device: Device;
  random: Random;
  /** Everybody there is. */
  userIds: readonly string[];
}

type Operation = (scene: Scene) => Promise<unknown> | undefined;
const EMOJIS = ["👍", "❤️", "😂", "🎉"];
/** People mostly touch what was said last. */
const RECENT = 25;
const OUTBOX_MAX = 8;

/** Undefined where there is nothing to do it with: no such message, not an admin, not in a group. */
const OPERATIONS: Record<string, [weight: number, run: Operation]> = {
  send: [30, send],
  sendByRest: [6, sendByRest],
  edit: [
    10,
    (scene) => withOwn(scene, (id) => scene.device.chat.conversation(id.room).edit(id.id, words(scene))),
  ],
  editByRest: [
    3,
    (scene) =>
      withOwn(scene, ({ id }) =>
        scene.device.chat.request("editMessage", { params: { messageId: id }, body: { body: words(scene) } }),
      ),
  ],
  editIfUnchanged: [
    3,
    (scene) =>
      withOwn(scene, ({ room, id, revision }) =>
        scene.device.chat.conversation(room).edit(id, words(scene), { expectedRevision: revision }),
      ),
  ],
  deleteForAll: [
    5,
    (scene) => withOwn(scene, ({ room, id }) => scene.device.chat.conversation(room).delete(id)),
  ],
  deleteOfOthers: [
    1,
    (scene) => withAny(scene, ({ room, id }) => scene.device.chat.conversation(room).delete(id)),
  ],
  deleteForMe: [
    4,
    (scene) => withAny(scene, ({ room, id }) => scene.device.chat.conversation(room).delete(id, "me")),
  ],
  deleteForMeByRest: [
    1,
    (scene) =>
      withAny(scene, ({ id }) =>
        scene.device.chat.request("deleteMessage", { params: { messageId: id }, query: { scope: "me" } }),
      ),
  ],
  react: [
    9,
    (scene) => withAny(scene, ({ room, id }) => scene.device.chat.conversation(room).react(id, emoji(scene))),
  ],
  unreact: [
    6,
    (scene) =>
      withAny(scene, ({ room, id }) => scene.device.chat.conversation(room).unreact(id, emoji(scene))),
  ],
  reactByRest: [
    2,
    (scene) =>
      withAny(scene, ({ id }) =>
        scene.device.chat.request("addReaction", { params: { messageId: id, emoji: emoji(scene) } }),
      ),
  ],
  pin: [3, (scene) => withAny(scene, ({ room, id }) => scene.device.chat.conversation(room).pin(id))],
  unpin: [3, (scene) => withAny(scene, ({ room, id }) => scene.device.chat.conversation(room).unpin(id))],
  markRead: [8, markRead],
  markReadByRest: [
    2,
    ({ device, random }) =>
      inRoom(device, random, (room) =>
        device.chat.request("markReceipts", {
          params: { conversationId: room },
          body: { readSeq: random.int(0, lastSeqOf(device, room)) },
        }),
      ),
  ],
  rename: [
    1,
    (scene) => withGroup(scene, (room) => scene.device.chat.conversation(room).rename(words(scene))),
  ],
  addMember: [
    2,
    (scene) =>
      withGroup(scene, (room) =>
        scene.device.chat.conversation(room).addMember(scene.random.pick(scene.userIds)),
      ),
  ],
  /** Oneself among them: that is leaving. */
  removeMember: [
    1,
    (scene) =>
      withGroup(scene, (room) =>
        scene.device.chat.conversation(room).removeMember(scene.random.pick(scene.userIds)),
      ),
  ],
  changeRole: [
    2,
    (scene) =>
      withGroup(scene, (room) =>
        scene.device.chat
          .conversation(room)
          .changeRole(
            scene.random.pick(scene.userIds),
            scene.random.pick(["admin", "admin", "moderator", "member"]),
          ),
      ),
  ],
  open: [3, ({ device, random }) => inRoom(device, random, (room) => done(openOn(device, room)))],
  close: [
    2,
    ({ device, random }) =>
      device.open.size === 0 ? undefined : done(device.open.get(random.pick([...device.open.keys()]))?.()),
  ],
  loadOlder: [
    3,
    ({ device, random }) => inOpen(device, random, (room) => device.chat.conversation(room).loadOlder()),
  ],
  loadNewer: [
    2,
    ({ device, random }) => inOpen(device, random, (room) => device.chat.conversation(room).loadNewer()),
  ],
  jump: [
    1,
    ({ device, random }) =>
      inOpen(device, random, (room) =>
        device.chat.conversation(room).jumpTo({ seq: random.int(1, Math.max(1, lastSeqOf(device, room))) }),
      ),
  ],
  jumpToLatest: [
    2,
    ({ device, random }) => inOpen(device, random, (room) => device.chat.conversation(room).jumpTo("latest")),
  ],
  mute: [
    1,
    (scene) =>
      withSettings(scene, (random) => ({
        mutedUntil: random.chance(0.5) ? null : `${random.int(2100, 2199)}-01-01T00:00:00.000Z`,
      })),
  ],
  pinConversation: [1, (scene) => withSettings(scene, (random) => ({ pinned: random.chance(0.5) }))],
  archive: [1, (scene) => withSettings(scene, (random) => ({ archived: random.chance(0.5) }))],
  markUnread: [
    2,
    ({ device, random }) =>
      inRoom(device, random, (room) =>
        device.chat.conversation(room).markUnread(random.int(1, Math.max(1, lastSeqOf(device, room)))),
      ),
  ],
  type: [
    3,
    (scene) =>
      withDraft(scene, (handle) =>
        handle.set({ body: `${handle.text.getSnapshot().body}${words(scene)}`.slice(-200) }),
      ),
  ],
  clearDraft: [1, (scene) => withDraft(scene, (handle) => handle.clear())],
  openThread: [
    4,
    (scene) =>
      withAny(scene, ({ room, id, threadRootId }) =>
        done(openThreadOn(scene.device, room, threadRootId ?? id)),
      ),
  ],
  closeThread: [2, ({ device, random }) => inThread(device, random, (thread) => done(thread.close()))],
  replyInThread: [
    5,
    (scene) =>
      inThread(scene.device, scene.random, ({ handle }) => {
        handle.send({ body: words(scene) }).delivered.catch(() => {});
        return done();
      }),
  ],
  readThread: [
    3,
    ({ device, random }) =>
      inThread(device, random, ({ handle }) => {
        const { items } = handle.view.getSnapshot();
        return items.length === 0 ? undefined : handle.markRead(random.pick(items).seq);
      }),
  ],
  followThread: [1, ({ device, random }) => inThread(device, random, ({ handle }) => handle.follow())],
  unfollowThread: [1, ({ device, random }) => inThread(device, random, ({ handle }) => handle.unfollow())],
  loadOlderInThread: [
    1,
    ({ device, random }) => inThread(device, random, ({ handle }) => handle.loadOlder()),
  ],
  look: [2, ({ device, random }) => done(device.attention.look(random.chance(0.8)))],
  leaveAndComeBack: [1, leaveAndComeBack],
};

export const OPERATION_NAMES = Object.keys(OPERATIONS);
const LOTS = Object.entries(OPERATIONS).flatMap(([name, [weight]]) => Array<string>(weight).fill(name));

export interface Attempt {
  name: string;
  outcome: Promise<unknown>;
}

/** Something that can be done now, chosen by the device's own chance. */
export function attempt(scene: Scene): Attempt {
  for (;;) {
    const name = scene.random.pick(LOTS);
    const outcome = OPERATIONS[name]?.[1](scene);
    if (outcome !== undefined) return { name, outcome };
  }
}

const done = async (_what?: unknown): Promise<void> => {};
const words = ({ device, random }: Scene): string => `${device.name} says ${random.int(0, 999_999)}`;
const emoji = ({ random }: Scene): string => random.pick(EMOJIS);
const roomsOf = (device: Device) => device.chat.conversations.getSnapshot().items;
const lastSeqOf = (device: Device, room: string): number =>
  device.chat.conversation(room).details.getSnapshot()?.lastSeq ?? 0;

function inRoom<T>(device: Device, random: Random, run: (room: string) => T): T | undefined {
  const rooms = roomsOf(device);
  return rooms.length === 0 ? undefined : run(random.pick(rooms).id);
}

function inOpen<T>(device: Device, random: Random, run: (room: string) => T): T | undefined {
  return device.open.size === 0 ? undefined : run(random.pick([...device.open.keys()]));
}

function inThread<T>(
  { threads }: Device,
  random: Random,
  run: (thread: Device["threads"][number]) => T,
): T | undefined {
  return threads.length === 0 ? undefined : run(random.pick(threads));
}

function withSettings(
  { device, random }: Scene,
  choose: (random: Random) => Parameters<ConversationHandle["setPersonal"]>[0],
) {
  return inRoom(device, random, (room) => device.chat.conversation(room).setPersonal(choose(random)));
}

/** Where people come and go, what was typed may stay on one device: whoever is out cannot save it. */
function withDraft({ device, random }: Scene, run: (handle: DraftHandle) => void) {
  const directs = roomsOf(device).filter(({ kind }) => kind === "direct");
  return directs.length === 0
    ? undefined
    : done(run(device.chat.conversation(random.pick(directs).id).draft()));
}

function withGroup<T>({ device, random }: Scene, run: (room: string) => T): T | undefined {
  const groups = roomsOf(device).filter(({ kind }) => kind === "group");
  return groups.length === 0 ? undefined : run(random.pick(groups).id);
}

interface Target {
  room: string;
  id: string;
  revision: number;
  threadRootId: string | null;
}

function withMessage<T>(scene: Scene, mine: boolean, run: (target: Target) => T): T | undefined {
  return inOpen(scene.device, scene.random, (room) => {
    const { items } = scene.device.chat.conversation(room).messages.getSnapshot();
    const recent = items.filter(isCommitted).filter((message) => !mine || message.mine);
    const shown = scene.random.chance(0.8) ? recent.slice(-RECENT) : recent;
    if (shown.length === 0) return undefined;
    const { id, revision, threadRootId } = scene.random.pick(shown);
    return run({ room, id, revision, threadRootId });
  });
}
const withOwn = <T>(scene: Scene, run: (target: Target) => T) => withMessage(scene, true, run);
const withAny = <T>(scene: Scene, run: (target: Target) => T) => withMessage(scene, false, run);

function draft(scene: Scene, room: string) {
  const { device, random } = scene;
  const { items } = device.chat.conversation(room).messages.getSnapshot();
  const answered = items.filter(isCommitted).slice(-RECENT);
  const people = device.chat.conversation(room).details.getSnapshot()?.members ?? [];
  return {
    body: words(scene),
    ...(random.chance(0.2) && answered.length > 0 && { replyToId: random.pick(answered).id }),
    ...(random.chance(0.15) && people.length > 0 && { mentions: [random.pick(people).userId] }),
    ...(random.chance(0.1) && { kind: "code" as const, metadata: { language: random.pick(["ts", "sql"]) } }),
  };
}

/** Into the outbox, which sends it when it can; waited for only if a lot is waiting already. */
function send(scene: Scene): Promise<unknown> | undefined {
  const { device, random } = scene;
  return inRoom(device, random, (room) => {
    const { delivered } = device.chat.conversation(room).send(draft(scene, room));
    delivered.catch(() => {});
    return device.chat.outbox.getSnapshot().length > OUTBOX_MAX ? delivered : done();
  });
}

function sendByRest(scene: Scene): Promise<{ message: Message }> | undefined {
  const { device, random } = scene;
  return inRoom(device, random, (room) =>
    device.chat.request("sendMessage", {
      params: { conversationId: room },
      body: { ...draft(scene, room), clientMessageId: random.uuid() },
    }),
  );
}

function markRead({ device, random }: Scene): Promise<void> | undefined {
  return inOpen(device, random, (room) => {
    const last = lastSeqOf(device, room);
    return done(device.chat.conversation(room).markRead(random.chance(0.5) ? last : random.int(0, last)));
  });
}

async function leaveAndComeBack({ device }: Scene): Promise<void> {
  await device.chat.disconnect();
  device.chat.connect();
}
