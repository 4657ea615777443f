import { describe, expect, it } from "vitest";
import { type Membership, memberKey } from "../conversations/access.ts";
import type { ConversationHead } from "./head.ts";
import { type BatchState, planBatch, type SendItem, storedKey } from "./plan.ts";
import type { StoredMessage } from "./row.ts";

const head = (id: string, change: Partial<ConversationHead> = {}): ConversationHead => ({
  id,
  kind: "group",
  directKey: null,
  encrypted: false,
  settings: { history: "all", announcement: false, slowModeSeconds: 0 },
  lastSeq: 10,
  revision: 30,
  ...change,
});
const member = (change: Partial<Membership> = {}): Membership => ({
  role: "member",
  visibleAfterSeq: 0,
  blocksPeer: false,
  blockedByPeer: false,
  lastSentAt: null,
  ...change,
});
const state = (heads: ConversationHead[], change: Partial<BatchState> = {}): BatchState => ({
  heads: new Map(heads.map((one) => [one.id, one])),
  members: new Map(
    heads.flatMap(({ id }) => ["ann", "ben"].map((userId) => [memberKey(id, userId), member()] as const)),
  ),
  stored: new Map(),
  replyTargets: new Map(),
  ...change,
});
let keys = 0;
const item = (
  conversationId: string,
  change: Partial<SendItem["message"]> = {},
  senderId = "ann",
): SendItem => ({
  senderId,
  authority: "member",
  conversationId,
  message: { clientMessageId: `key-${++keys}`, kind: "text", body: "hello", ...change },
});
const at = new Date("2026-11-20T10:00:00.000Z");
const plan = (items: SendItem[], given: BatchState) =>
  planBatch(
    items,
    given,
    items.map((_, index) => BigInt(100 + index)),
    at,
  );

describe("who may say something", () => {
  const outcomeOf = (
    heads: ConversationHead[],
    members: Record<string, Partial<Membership>>,
    batch: SendItem[],
  ) =>
    plan(batch, {
      ...state(heads),
      members: new Map(
        heads.flatMap(({ id }) =>
          Object.entries(members).map(([userId, change]) => [memberKey(id, userId), member(change)] as const),
        ),
      ),
    });
  const reasons = ({ decisions }: ReturnType<typeof plan>) =>
    decisions.map((one) => (one.outcome === "refused" ? one.error.reason : one.outcome));
  const settings = (change: Partial<ConversationHead["settings"]>) => ({
    settings: { history: "all" as const, announcement: false, slowModeSeconds: 0, ...change },
  });
  const direct = head("1", { kind: "direct", directKey: "ann ben" });

  it("is in an announcement group whoever has a role", () => {
    const people = { ann: {}, mod: { role: "moderator" as const }, boss: { role: "admin" as const } };
    const batch = Object.keys(people).map((userId) => item("1", {}, userId));
    expect(reasons(outcomeOf([head("1", settings({ announcement: true }))], people, batch))).toEqual([
      "announcement",
      "new",
      "new",
    ]);
  });

  it("waits in slow mode, from one's own last message on", () => {
    const slow = head("1", settings({ slowModeSeconds: 10 }));
    const ago = (ms: number) => ({ ann: { lastSentAt: new Date(at.getTime() - ms) } });
    expect(reasons(outcomeOf([slow], ago(10_000), [item("1"), item("1")]))).toEqual(["new", "slow_mode"]);
    const [refused] = outcomeOf([slow], ago(9_999), [item("1")]).decisions;
    expect(refused).toMatchObject({ error: { code: "rate_limited", reason: "slow_mode", retryAfterMs: 1 } });
    expect(outcomeOf([slow], ago(10_000), [item("1")]).slowed).toEqual([
      { conversationId: "1", userId: "ann" },
    ]);
    expect(outcomeOf([slow], { ann: { role: "moderator" } }, [item("1"), item("1")]).slowed).toEqual([]);
  });

  it("is not who blocks the other; and whoever is blocked is not heard", () => {
    expect(
      reasons(outcomeOf([direct], { ann: { blocksPeer: true, blockedByPeer: true } }, [item("1")])),
    ).toEqual(["peer_blocked"]);
    const { decisions } = outcomeOf([direct], { ann: { blockedByPeer: true } }, [item("1")]);
    expect(decisions).toMatchObject([{ outcome: "new", unheardBy: "ben" }]);
    expect(outcomeOf([direct], { ann: {} }, [item("1")]).decisions).toMatchObject([{ unheardBy: null }]);
  });
});

describe("planBatch", () => {
  it("numbers each conversation's messages on their own, in the items' order", () => {
    const { messages, heads } = plan(
      [item("1"), item("2"), item("1")],
      state([head("1"), head("2", { lastSeq: 0 })]),
    );
    expect(
      messages.map(({ conversationId, seq, revision, id }) => [conversationId, seq, revision, id]),
    ).toEqual([
      ["1", 11, 31, "100"],
      ["2", 1, 31, "101"],
      ["1", 12, 32, "102"],
    ]);
    expect(heads.map(({ id, lastSeq, revision }) => [id, lastSeq, revision])).toEqual([
      ["1", 12, 32],
      ["2", 1, 31],
    ]);
  });

  it("leaves what it was given as it was, so that the transaction may run again", () => {
    const given = state([head("1")]);
    plan([item("1")], given);
    expect(given.heads.get("1")).toEqual(head("1"));
    expect(given.stored.size).toBe(0);
  });

  it("moves no head and takes no seq for a refused item", () => {
    const refused = [
      item("9"),
      item("1", {}, "eve"),
      item("1", { mentions: ["eve"] }),
      item("1", { replyToId: "77" }),
      item("1", { attachmentIds: ["a"] }),
    ];
    const { decisions, messages, heads } = plan(refused, state([head("1")]));
    expect(decisions.map((decision) => decision.outcome)).toEqual(refused.map(() => "refused"));
    expect([messages, heads]).toEqual([[], []]);
  });

  it("lets a service speak where nobody would let it in", () => {
    const given = state([head("1")]);
    const [decision] = plan([{ ...item("1", {}, "robot"), authority: "service" }], given).decisions;
    expect(decision).toMatchObject({ outcome: "new", message: { senderId: "robot", seq: 11 } });
    expect(plan([{ ...item("9", {}, "robot"), authority: "service" }], given).decisions).toMatchObject([
      { outcome: "refused", error: { code: "not_found" } },
    ]);
  });

  it("takes a key's second use in one batch for a repeat, or for a contradiction", () => {
    const first = item("1");
    const other = { ...first, message: { ...first.message, body: "something else" } };
    const { decisions, messages } = plan([first, first, other], state([head("1")]));
    expect(decisions.map((decision) => decision.outcome)).toEqual(["new", "duplicate", "refused"]);
    expect(messages).toHaveLength(1);
  });

  it("compares only what an edit or a deletion has left to compare", () => {
    const repeat = item("1", { mentions: ["ben"], metadata: { a: 1 } });
    const [decision] = plan([repeat], state([head("1")])).decisions;
    if (decision?.outcome !== "new") throw new Error("not new");
    const { message } = decision;
    const outcome = (stored: typeof message, again = repeat) =>
      plan(
        [again],
        state([head("1")], { stored: new Map([[storedKey("ann", message.clientMessageId), stored]]) }),
      ).decisions[0]?.outcome;
    const changed = (change: Partial<SendItem["message"]>) => ({
      ...repeat,
      message: { ...repeat.message, ...change },
    });
    expect(outcome(message)).toBe("duplicate");
    expect(outcome({ ...message, body: "edited", editedAt: at })).toBe("duplicate");
    expect(outcome({ ...message, body: null, metadata: null, mentions: [], deletedAt: at })).toBe(
      "duplicate",
    );
    expect(outcome(message, changed({ body: "other" }))).toBe("refused");
    expect(outcome(message, changed({ metadata: { a: 2 } }))).toBe("refused");
    expect(outcome({ ...message, body: null, deletedAt: at }, changed({ kind: "code" }))).toBe("refused");
  });

  it("lets only sealed bodies into an encrypted conversation", () => {
    const given = state([head("1", { encrypted: true })]);
    const { decisions } = plan([item("1"), item("1", { kind: "sealed" })], given);
    expect(decisions).toMatchObject([{ error: { code: "forbidden" } }, { outcome: "new" }]);
  });

  it("answers a root once for all of a batch's replies, after them", () => {
    const [sent] = plan([item("1")], state([head("1")])).messages;
    const root = { ...(sent as StoredMessage), id: "7", seq: 3, revision: 5 };
    const replies = [item("1", { threadRootId: "7" }), item("1"), item("1", { threadRootId: "7" })];
    const given = state([head("1")], { replyTargets: new Map([["7", root]]) });
    const { messages, roots, heads } = plan(replies, given);
    expect(messages.map(({ seq, revision, threadRootId }) => [seq, revision, threadRootId])).toEqual([
      [11, 31, "7"],
      [12, 32, null],
      [13, 33, "7"],
    ]);
    expect(roots).toMatchObject([
      { root: { seq: 3, revision: 34, thread: { replyCount: 2, lastReplySeq: 13, lastReplyAt: at } } },
    ]);
    expect(heads).toMatchObject([{ lastSeq: 13, revision: 34 }]);
    expect(root.thread).toBe(null);
  });

  it("answers only what is a first message, there, and to be seen", () => {
    const [sent] = plan([item("1")], state([head("1")])).messages;
    const root = { ...(sent as StoredMessage), id: "7", seq: 3 };
    const outcome = (target: StoredMessage, change: Partial<SendItem["message"]> = {}, joined = 0) => {
      const given = state([head("1")], {
        replyTargets: new Map([["7", target]]),
        members: new Map([[memberKey("1", "ann"), member({ visibleAfterSeq: joined })]]),
      });
      const [decision] = plan([item("1", { threadRootId: "7", ...change })], given).decisions;
      return decision?.outcome === "refused" ? decision.error.reason : decision?.outcome;
    };
    expect(outcome(root)).toBe("new");
    expect(outcome({ ...root, threadRootId: "5" })).toBe("thread_root");
    expect(outcome({ ...root, conversationId: "2" })).toBe("thread_root");
    expect(outcome({ ...root, deletedAt: at })).toBe("thread_root");
    expect(outcome(root, {}, 3)).toBe("thread_root");
    expect(outcome(root, { threadRootId: "8" })).toBe("thread_root");
  });
});
