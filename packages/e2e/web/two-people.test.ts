import { insertServiceToken, until } from "@confab/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "../cluster.ts";
import { rest } from "../rest.ts";
import { launchBrowser, screenshot, type Visitor, visit } from "./browser.ts";
import { startDemo } from "./demo-cluster.ts";
import { composer, hears, messages, openChat, say, signInAs } from "./steps.ts";

/** Two people in two browsers on two gateways, from signing in to coming back. */
const cleanup = new AsyncDisposableStack();
let cluster: Cluster;
let browser: Browser;
let addresses: [string, string];

beforeAll(async () => {
  ({ cluster, addresses } = await startDemo(cleanup));
  browser = await launchBrowser(cleanup);
});
afterAll(() => cleanup.disposeAsync());

const signIn = (name: string, gateway: 0 | 1, view?: Parameters<typeof visit>[2]): Promise<Visitor> =>
  signInAs(browser, addresses[gateway], name, view);

describe("two people in two browsers, on two gateways", () => {
  it("chat in real time, see each other type and read, and one who was away finds what waited", async () => {
    const alice = await signIn("Alice", 0);
    const bo = await signIn("Bo", 1);
    await openChat(alice.page, "Bo");
    await openChat(bo.page, "Alice");

    await say(alice.page, "Are you there?");
    await hears(bo.page, "Are you there?");
    await composer(bo.page).pressSequentially("Yes", { delay: 20 });
    await alice.page
      .getByText(/typing/)
      .first()
      .waitFor();
    await composer(bo.page).press("Enter");
    await hears(alice.page, "Yes");
    await messages(alice.page).getByRole("img", { name: "Read" }).last().waitFor();
    await screenshot(alice.page, "chat-light");

    await bo.context.close();
    await say(alice.page, "One more thing");
    await say(alice.page, "It can wait");
    await messages(alice.page).getByRole("img", { name: "Sent" }).last().waitFor();

    const back = await signIn("Bo", 1, { width: 1200, height: 800, dark: true });
    await back.page.getByRole("link", { name: /^Alice.*2 unread/ }).waitFor();
    await openChat(back.page, "Alice");
    await hears(back.page, "One more thing");
    await hears(back.page, "It can wait");
    await messages(alice.page).getByRole("img", { name: "Read" }).last().waitFor();
    await screenshot(back.page, "chat-dark");

    const token = await insertServiceToken(cluster.stores, { name: "Orders" });
    const conversationId = new URL(alice.page.url()).pathname.split("/").pop();
    const published = await rest(cluster.messageUrl, token).post(
      "/v1/publish",
      { items: [{ conversationId, body: "Order 4711 has shipped" }] },
      { "idempotency-key": "order-4711" },
    );
    expect(published.body.results[0]).toMatchObject({ duplicate: false });
    await hears(alice.page, "Order 4711 has shipped");
    await hears(back.page, "Order 4711 has shipped");

    expect([...alice.complaints, ...bo.complaints, ...back.complaints]).toEqual([]);
    await Promise.all([alice.context.close(), back.context.close()]);
  });

  it("somebody new makes an account, starts a conversation and a group, on a telephone", async () => {
    const visitor = await visit(browser, addresses[0], { width: 360, height: 740 });
    const { page } = visitor;
    await screenshot(page, "phone-sign-in");
    await page.getByRole("button", { name: "Create an account" }).click();
    await page.getByLabel("Your name").fill("Noor");
    await page.getByLabel("Username").fill(`noor-${Date.now().toString(36)}`);
    await page.getByLabel("Password").fill("a long enough password");
    await page.getByRole("button", { name: "Create account" }).click();
    await page
      .getByText(/no conversations/i)
      .first()
      .waitFor();
    await screenshot(page, "phone-empty");

    await page.getByRole("button", { name: "Start a conversation" }).click();
    await page.getByLabel("Search people").fill("Chidi");
    await page.getByRole("dialog").getByRole("button", { name: /Chidi/ }).first().click();
    await say(page, "Hello Chidi, nice to meet you");
    await messages(page)
      .getByRole("img", { name: /Sent|Delivered/ })
      .last()
      .waitFor();
    await screenshot(page, "phone-chat");

    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(visitor.complaints).toEqual([]);
    await visitor.context.close();
  });

  it("ten thousand messages scroll without holes, and only what is in view is in the page", async () => {
    const { id, seqOf } = await longConversation();
    const alice = await signIn("Alice", 0);
    await alice.page.goto(`${addresses[0]}/c/${id}`);
    await messages(alice.page).getByRole("article").last().waitFor();

    let oldest = Number.POSITIVE_INFINITY;
    for (let screen = 0; screen < 8; screen++) {
      const seqs = await until(
        async () => {
          // Again and again: the page itself scrolls where it opens, and to stay in place when something older comes.
          await messages(alice.page).evaluate((list) => list.scrollTo({ top: 0 }));
          const keys = await messages(alice.page)
            .getByRole("article")
            .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-key") ?? ""));
          const shown = keys.map((key) => seqOf.get(key) ?? 0);
          return (shown[0] ?? oldest) < oldest && shown;
        },
        { timeoutMs: 30_000, describe: () => `something older than ${oldest}` },
      );
      oldest = seqs[0] as number;
      expect(seqs).toEqual(seqs.map((_, index) => oldest + index));
      expect(seqs.length).toBeLessThan(120);
    }
    await screenshot(alice.page, "long-history");
    expect(alice.complaints).toEqual([]);
    await alice.context.close();
  });
});

/** The longest conversation of the demo, and the seq of each message by the keys that the page uses. */
async function longConversation(): Promise<{ id: string; seqOf: Map<string, number> }> {
  const { prisma } = cluster.stores;
  const { id, lastSeq } = await prisma.conversation.findFirstOrThrow({ orderBy: { lastSeq: "desc" } });
  expect(lastSeq).toBeGreaterThanOrEqual(10_000);
  const rows = await prisma.message.findMany({
    where: { conversationId: id },
    select: { id: true, seq: true, dedupe: true },
  });
  const uuid = (bytes: Uint8Array) =>
    Buffer.from(bytes)
      .toString("hex")
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  return {
    id: String(id),
    seqOf: new Map(
      rows.flatMap((row) => [
        [String(row.id), row.seq],
        [uuid(row.dedupe), row.seq],
      ]),
    ),
  };
}
