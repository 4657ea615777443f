import { expect, it } from "vitest";
import { ownerOf, profiling, selfMsBy } from "./profile.ts";

const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 0 });

it("knows whose code a file is", () => {
  expect(ownerOf("file:///x/node_modules/.pnpm/ws@8/node_modules/ws/lib/sender.js")).toBe("ws");
  expect(ownerOf("file:///x/node_modules/@prisma/client/runtime/client.js")).toBe("@prisma/client");
  expect(ownerOf("file:///x/services/gateway/src/router.ts")).toBe("services/gateway");
  expect(ownerOf("node:net")).toBe("node");
  expect(ownerOf("")).toBe("native");
});

it("adds up self time, the most first, and leaves waiting out", () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame("(idle)", "") },
      { id: 2, callFrame: frame("send", "a") },
      { id: 3, callFrame: frame("parse", "a") },
    ],
    samples: [1, 2, 3, 3],
    timeDeltas: [5000, 1000, 2000, 3000],
  };
  expect([...selfMsBy(profile, ({ functionName }) => functionName)]).toEqual([
    ["parse", 5],
    ["send", 1],
  ]);
});

it("profiles nobody unless asked to", () => {
  expect(profiling("", "gateway")).toEqual({});
  expect(profiling("/tmp/p", "gateway").NODE_OPTIONS).toContain("--cpu-prof-name=gateway.cpuprofile");
});
