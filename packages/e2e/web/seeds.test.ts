import { until } from "@confab/testkit";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { setStage } from "../transcripts/play.ts";
import type { Values } from "../transcripts/values.ts";
import { launchBrowser, screenshot, type Visitor, visit } from "./browser.ts";
import { servePages } from "./seed-pages.ts";

/** Five old front ends in one conversation: each page knows only its seed's events, and nothing but the address is new. */
const cleanup = new AsyncDisposableStack();
let cluster: Cluster;
let stage: Values;
let visitors: Record<string, Visitor>;

beforeAll(async () => {
  cluster = cleanup.use(await startCluster({ gateways: 3 }));
  stage = await setStage(cluster, cleanup);
  const pages = await servePages(cleanup);
  const browser = await launchBrowser(cleanup);
  const owners = { "000": "ann", "001": "bo", "002": "ann", "003": "bo", "004": "ann" };
  const opened = Object.entries(owners).map(async ([seed, me], index) => {
    const address = new URL("/page.html", pages);
    const peer = me === "ann" ? "bo" : "ann";
    const url = cluster.gatewayUrls[index % cluster.gatewayUrls.length] as string;
    const parameters = {
      seed,
      url,
      me: stage.get(me),
      peer: stage.get(peer),
      token: stage.get(`${me}.token`),
      conversation: stage.get("direct"),
    };
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value as string);
    return [seed, await visit(browser, address.href, { width: 420, height: 600 })] as const;
  });
  visitors = Object.fromEntries(await Promise.all(opened));
});
afterAll(() => cleanup.disposeAsync());

const shown = (page: Page) =>
  page.getByRole("list", { name: "Messages" }).getByRole("listitem").allInnerTexts();

it("people on five front ends read each other, once and in order", async () => {
  const said: string[] = [];
  for (const [seed, { page }] of Object.entries(visitors)) {
    const text = `Hello from ${seed}`;
    said.push(text);
    await page.getByRole("textbox", { name: "Message" }).fill(text);
    await page.getByRole("button", { name: "Send" }).click();
    for (const other of Object.values(visitors)) {
      await until(async () => (await shown(other.page)).includes(text), {
        timeoutMs: 20_000,
        describe: `${text} everywhere`,
      });
    }
  }
  for (const [seed, { page, complaints }] of Object.entries(visitors)) {
    expect(await shown(page), seed).toEqual(said);
    expect(complaints, seed).toEqual([]);
    await screenshot(page, `seed-${seed}`);
  }
});

it("shows who types and what was read in the words of each", async () => {
  const status = (seed: string, text: string) =>
    visitors[seed]?.page.getByRole("status").getByText(text, { exact: true }).waitFor();
  const write = (seed: string, text: string) =>
    visitors[seed]?.page.getByRole("textbox", { name: "Message" }).fill(text);
  await write("000", "A");
  await Promise.all([status("001", "ann is typing"), status("003", "ann is typing")]);
  await visitors["000"]?.page.getByRole("button", { name: "Send" }).click();
  await Promise.all([status("000", "read"), status("002", "read")]);
});
