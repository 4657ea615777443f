import { until } from "@confab/testkit";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, screenshot, type Visitor, type visit } from "./browser.ts";
import { startDemo } from "./demo-cluster.ts";
import {
  act,
  beside,
  choose,
  composer,
  conversations,
  dialog,
  hears,
  makeGroup,
  messages,
  openChat,
  press,
  row,
  say,
  signInAs,
} from "./steps.ts";

/** What a conversation can hold, reached in the web client: groups, threads, one's own order, search, people. */
const cleanup = new AsyncDisposableStack();
let browser: Browser;
let addresses: [string, string];

beforeAll(async () => {
  ({ addresses } = await startDemo(cleanup));
  browser = await launchBrowser(cleanup);
});
afterAll(() => cleanup.disposeAsync());

const signIn = (name: string, gateway: 0 | 1, view?: Parameters<typeof visit>[2]): Promise<Visitor> =>
  signInAs(browser, addresses[gateway], name, view);

async function leave(...visitors: Visitor[]): Promise<void> {
  expect(visitors.flatMap((visitor) => visitor.complaints)).toEqual([]);
  await Promise.all(visitors.map((visitor) => visitor.context.close()));
}

const members = (page: Page) => page.getByRole("list", { name: "Members" });
const memberMenu = async (page: Page, name: string, item: string) => {
  await members(page)
    .getByRole("button", { name: new RegExp(`^Actions for ${name}`) })
    .click();
  await page.getByRole("menu").getByText(item).click();
};

describe("everything that a conversation can hold, in the browser", () => {
  it("a group has rules and roles; the last admin hands over; who is banned is out", async () => {
    const [alice, bo, chidi] = await Promise.all([signIn("Alice", 0), signIn("Bo", 1), signIn("Chidi", 1)]);
    await makeGroup(alice.page, "Town hall", ["Bo", "Chidi"], async () => {
      await alice.page.getByText("Settings").click();
      await alice.page.getByLabel("People who join see").selectOption("Only what comes after");
      await alice.page.getByRole("checkbox", { name: /^Announcements only/ }).check();
    });
    await openChat(bo.page, "Town hall");
    await openChat(chidi.page, "Town hall");
    await bo.page.getByText("Only admins and moderators write here.").waitFor();

    await press(alice.page, "Conversation details");
    await memberMenu(alice.page, "Bo", "Moderator");
    await say(bo.page, "The heating is back on");
    await hears(chidi.page, "The heating is back on");
    await alice.page.getByText("Settings").click();
    await alice.page.getByRole("checkbox", { name: /^Announcements only/ }).uncheck();
    await alice.page.getByLabel("Slow mode").selectOption("One message every 30 s");
    await composer(chidi.page).waitFor();
    await chidi.page.getByText("Slow mode: one message every 30 s.").waitFor();
    await hears(chidi.page, "Alice Moreau made Bo Lindqvist a moderator");
    await screenshot(alice.page, "group-details");

    await memberMenu(alice.page, "Chidi", "Ban…");
    await press(alice.page, "Ban");
    await row(chidi.page, "Town hall").waitFor({ state: "detached" });
    await chidi.page.getByText("Choose a conversation").waitFor();
    await press(alice.page, "Banned people");
    await dialog(alice.page, "Banned people").getByRole("button", { name: /^Lift/ }).click();
    await alice.page.getByText("Nobody is banned.").waitFor();
    await press(alice.page, "Close");

    await press(alice.page, "Leave group");
    await dialog(alice.page, /^Leave/)
      .getByLabel("New admin")
      .waitFor();
    await press(alice.page, "Leave");
    await row(alice.page, "Town hall").waitFor({ state: "detached" });
    await press(bo.page, "Conversation details");
    await members(bo.page).getByText("Admin").waitFor();
    await leave(alice, bo, chidi);
  });

  it("messages are mentioned in, answered in threads, pinned, seen and edited", async () => {
    const [alice, bo] = await Promise.all([signIn("Alice", 0), signIn("Bo", 1)]);
    await makeGroup(alice.page, "Garden", ["Bo", "Dana"]);
    await composer(alice.page).pressSequentially("Ask @bo");
    const people = alice.page.getByRole("listbox", { name: "People to mention" });
    await people.getByRole("option", { name: /^Bo/ }).waitFor();
    await screenshot(alice.page, "mention");
    await composer(alice.page).press("Enter");
    await composer(alice.page).pressSequentially("about the roses");
    await composer(alice.page).press("Enter");
    await bo.page.getByRole("link", { name: /^Garden.*you are mentioned/ }).waitFor();
    await openChat(bo.page, "Garden");

    await act(bo.page, "about the roses", "Reply in thread");
    await bo.page.getByRole("textbox", { name: "Reply", exact: true }).fill("They need water");
    await bo.page.getByRole("textbox", { name: "Reply", exact: true }).press("Enter");
    await messages(alice.page)
      .getByRole("button", { name: /^1 reply/ })
      .waitFor();
    await choose(alice.page, "Chats menu", "Threads");
    await dialog(alice.page, "Threads")
      .getByRole("button", { name: /about the roses.*1 unread/ })
      .click();
    await beside(alice.page, "Thread").getByText("They need water", { exact: true }).waitFor();
    await screenshot(alice.page, "thread");
    await press(alice.page, "Close thread");

    await act(bo.page, "about the roses", "Pin");
    await choose(alice.page, "Conversation actions", "Pinned messages");
    await beside(alice.page, "Pinned messages")
      .getByRole("button", { name: /^Alice.*about the roses/ })
      .click();
    await press(alice.page, "Close pinned messages");
    await act(alice.page, "about the roses", "Seen by");
    await dialog(alice.page, "Seen by").getByText(/^Bo/).waitFor();
    await press(alice.page, "Close");

    await say(bo.page, "They are yelow");
    await act(bo.page, "They are yelow", "Edit");
    await composer(bo.page).fill("They are yellow");
    await composer(bo.page).press("Enter");
    await hears(alice.page, "They are yellow");
    await act(alice.page, "They are yellow", "Edit history");
    await dialog(alice.page, "Edit history").getByText("They are yelow").waitFor();
    await press(alice.page, "Close");
    await act(alice.page, "They are yellow", "Delete");
    await press(alice.page, "Delete for everyone");
    await hears(bo.page, "This message was deleted.");
    await leave(alice, bo);
  });

  it("one's own order and drafts are the same on both of one's devices", async () => {
    const [desk, phone] = await Promise.all([
      signIn("Farah", 0),
      signIn("Farah", 1, { width: 360, height: 740, dark: true }),
    ]);
    await openChat(desk.page, "Alice");
    await choose(desk.page, "Conversation actions", "Mute…");
    await press(desk.page, "For an hour");
    await choose(desk.page, "Conversation actions", "Pin to the top");
    await phone.page.getByRole("link", { name: /^Alice[^:]*, pinned *, muted/ }).waitFor();
    await composer(desk.page).fill("A thought to finish later");
    await phone.page.getByText("A thought to finish later").waitFor();
    await screenshot(phone.page, "phone-own-order");
    await openChat(phone.page, "Alice");
    await until(async () => (await composer(phone.page).inputValue()) === "A thought to finish later");
    await composer(phone.page).press("Enter");
    await until(async () => (await composer(desk.page).inputValue()) === "");

    await choose(desk.page, "Conversation actions", "Mark as unread");
    await phone.page.getByRole("button", { name: "Back to conversations" }).click();
    await phone.page.getByRole("link", { name: /^Alice.*marked unread|^Alice.*1 unread/ }).waitFor();
    await openChat(desk.page, "Alice");
    await choose(desk.page, "Conversation actions", "Archive");
    await row(phone.page, "Alice").waitFor({ state: "detached" });
    await choose(phone.page, "Chats menu", "Archived conversations");
    await row(phone.page, "Alice").waitFor();
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await leave(desk, phone);
  });

  it("words are found in all conversations, and a result leads to its message", async () => {
    const alice = await signIn("Alice", 0);
    await openChat(alice.page, "Dana");
    await say(alice.page, "The quokka has arrived");
    await messages(alice.page).getByRole("img", { name: "Sent" }).last().waitFor();
    await openChat(alice.page, "Bo");
    await choose(alice.page, "Chats menu", "Search messages");
    const search = dialog(alice.page, "Search messages");
    await search.getByLabel("Only in this conversation").uncheck();
    await search.getByRole("searchbox", { name: "Search for" }).fill("quokka");
    // What was just said is found a moment later.
    const found = search.locator("mark", { hasText: "quokka" });
    await until(async () => {
      await search.getByRole("button", { name: "Search" }).click();
      await search.getByText("quokka").last().waitFor();
      return (await found.count()) > 0;
    });
    await screenshot(alice.page, "search");
    await search.getByRole("button", { name: /quokka/ }).click();
    await alice.page.getByRole("main", { name: /^Chat with Dana/ }).waitFor();
    await hears(alice.page, "The quokka has arrived");
    await leave(alice);
  });

  it("people say how they are, block and report; moderators look at reports", async () => {
    const [alice, emeka] = await Promise.all([signIn("Alice", 0), signIn("Emeka", 1)]);
    await choose(emeka.page, "Account of Emeka Nwosu", "Set a status");
    await emeka.page.getByRole("button", { name: "Emoji 🎧" }).click();
    await emeka.page.getByLabel("What you say").fill("In a call");
    await screenshot(emeka.page, "status");
    await press(emeka.page, "Save");
    await openChat(alice.page, "Emeka");
    await alice.page.getByText(/🎧 In a call/).waitFor();
    await choose(emeka.page, "Account of Emeka Nwosu", "Profile and privacy");
    await emeka.page.getByLabel(/^Who sees/).selectOption("Nobody");
    await press(emeka.page, "Save");
    await alice.page.getByText(/🎧 In a call/).waitFor({ state: "detached" });

    await makeGroup(alice.page, "Flea market", ["Emeka", "Bo"]);
    await openChat(emeka.page, "Flea market");
    await say(emeka.page, "BUY NOW BUY NOW");
    const bo = await signIn("Bo", 1);
    await openChat(bo.page, "Flea market");
    await act(bo.page, "BUY NOW BUY NOW", "Report…");
    await bo.page.getByLabel("Anything to add").fill("Again");
    await press(bo.page, "Report");
    await choose(alice.page, "Conversation actions", "Reports");
    await beside(alice.page, "Reports")
      .getByRole("button", { name: /^Spam: Emeka/ })
      .click();
    await dialog(alice.page, "Report").getByText("BUY NOW BUY NOW").waitFor();
    await screenshot(alice.page, "report");
    await press(alice.page, "Resolve");
    await beside(alice.page, "Reports").getByText("Nothing here.").waitFor();
    await press(alice.page, "Log");
    await beside(alice.page, "Reports")
      .getByText(/closed a report about/)
      .waitFor();

    await openChat(bo.page, "Alice");
    await choose(bo.page, "Conversation actions", /^Block Alice/);
    await press(bo.page, "Block");
    await openChat(alice.page, "Bo");
    await say(alice.page, "Can you hear me?");
    await messages(alice.page).getByRole("img", { name: "Sent" }).last().waitFor();
    await choose(bo.page, "Account of Bo Lindqvist", "Blocked people");
    await dialog(bo.page, "Blocked people")
      .getByRole("button", { name: /^Unblock/ })
      .click();
    await bo.page.getByText("You block nobody.").waitFor();
    await press(bo.page, "Close");
    await say(alice.page, "And now?");
    await hears(bo.page, "And now?");
    expect(await messages(bo.page).getByText("Can you hear me?").count()).toBe(0);
    await conversations(bo.page).waitFor();
    await leave(alice, emeka, bo);
  });
});
