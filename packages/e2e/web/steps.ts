import type { Browser, Page } from "playwright-core";
import { type Visitor, visit } from "./browser.ts";

/** What people do in the web client, by the names that its README lists. */

export async function signInAs(
  browser: Browser,
  address: string,
  name: string,
  view?: Parameters<typeof visit>[2],
): Promise<Visitor> {
  const visitor = await visit(browser, address, view);
  await visitor.page.getByRole("button", { name: new RegExp(`^Continue as ${name}`) }).click();
  await conversations(visitor.page).waitFor();
  return visitor;
}

export const conversations = (page: Page) => page.getByRole("list", { name: "Conversations" });
export const row = (page: Page, name: string) =>
  conversations(page).getByRole("link", { name: new RegExp(`^${name}\\b`) });
export const openChat = (page: Page, name: string) => row(page, name).click();
export const messages = (page: Page) => page.getByRole("log", { name: "Messages" });
export const composer = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}
export const hears = (page: Page, text: string) => messages(page).getByText(text, { exact: true }).waitFor();

/** Chooses from the menu that a button opens. */
export async function choose(page: Page, button: string, item: string | RegExp): Promise<void> {
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

/** Chooses from the menu of the message with this text. */
export async function act(page: Page, text: string, item: string): Promise<void> {
  const message = messages(page).getByRole("article").filter({ hasText: text }).last();
  await message.hover();
  await message.getByRole("button", { name: "More" }).click();
  await page.getByRole("menu", { name: "Message actions" }).getByRole("menuitem", { name: item }).click();
}

export const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });
export const beside = (page: Page, name: string) => page.getByRole("complementary", { name });
export const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

export async function makeGroup(
  page: Page,
  title: string,
  people: string[],
  settle?: () => Promise<void>,
): Promise<void> {
  await press(page, "New group");
  await page.getByLabel("Group name").fill(title);
  for (const name of people) {
    await page.getByLabel("Search people").fill(name);
    await page.getByRole("checkbox", { name: new RegExp(`^${name}`) }).check();
  }
  await settle?.();
  await press(page, "Create group");
  await page.getByRole("main", { name: `Chat with ${title}` }).waitFor();
}
