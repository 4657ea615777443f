import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL(".", import.meta.url);
const sources = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (path) => /\.tsx?$/.test(path) && !path.endsWith(".test.ts") && !path.startsWith("testing"),
);
const importsOf = (path: string) =>
  [
    ...readFileSync(new URL(path, root), "utf8").matchAll(/^(?:import|export) ([^;]*?) from "([^"]+)";/gm),
  ].map(([, names = "", from = ""]) => ({ names, from }));

/** What the contract exports without loading its schemas. */
const LIGHT = new Set(["ChatError", "ERROR_CODES", "LIMITS", "PROTOCOL_VERSION"]);

describe("what the SDK imports", () => {
  it("runs in browsers and in Node: no built-ins, two packages, React only behind its own door", () => {
    for (const path of sources) {
      for (const { from } of importsOf(path)) {
        const allowed = [
          "@confab/contract",
          "socket.io-client",
          ...(path.startsWith("react") ? ["react"] : []),
        ];
        expect(from.startsWith(".") || allowed.includes(from), `${path} imports ${from}`).toBe(true);
        if (!path.startsWith("react")) expect(from, path).not.toContain("react");
      }
    }
  });

  it("needs no socket behind the door for services", () => {
    const seen = new Set<string>();
    const follow = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const { names, from } of importsOf(path)) {
        if (names.startsWith("type ")) continue;
        expect(from, path).not.toBe("socket.io-client");
        if (from.startsWith("."))
          follow(new URL(from, new URL(path, root)).pathname.slice(root.pathname.length));
      }
    };
    follow("server/index.ts");
    expect(seen).toContain("http.ts");
  });

  it("keeps zod out of the bundle: of the contract, types and what needs no schema", () => {
    for (const path of sources) {
      for (const { names, from } of importsOf(path)) {
        if (from !== "@confab/contract" || names.startsWith("type ")) continue;
        const values = names.replace(/[{}]/g, "").split(",");
        for (const name of values.map((value) => value.trim()).filter((value) => value !== "")) {
          expect(name.startsWith("type ") || LIGHT.has(name), `${path} imports ${name}`).toBe(true);
        }
      }
    }
  });
});
