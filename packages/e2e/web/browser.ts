import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const ARTIFACTS = resolve(import.meta.dirname, "../artifacts");

/** Real Chromium; `npm test` says where it is. */
export async function launchBrowser(cleanup: AsyncDisposableStack): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "confab-browser-"));
  cleanup.defer(() => rmSync(profile, { recursive: true, force: true }));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "chromium",
    args: FLAGS,
    env: { ...process.env, HOME: profile },
  });
  cleanup.defer(() => browser.close());
  return browser;
}

export interface Visitor {
  page: Page;
  context: BrowserContext;
  /** What the page complained about: exceptions, and errors on the console. */
  complaints: string[];
}

/** Somebody with a browser of their own. */
export async function visit(
  browser: Browser,
  url: string,
  view: { width: number; height: number; dark?: boolean } = { width: 1200, height: 800 },
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.dark ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A refused request is part of some tests, and Chromium reports each.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(message.text());
    }
  });
  await page.goto(url);
  return { page, context, complaints };
}

/** Kept beside the tests, to be looked at; the README shows one of them. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
}
