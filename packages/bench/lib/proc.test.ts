import { expect, it } from "vitest";
import { byName, parseMachineStat, parseStat } from "./proc.ts";

it("reads user and system time, whatever a process is called", () => {
  const stat = "42 (a (b) c d) S 1 42 42 0 -1 4194560 1 2 3 4 500 70 9 9 20 0 7 0 1 2 3";
  expect(parseStat(stat)).toBe(570);
});

it("counts as busy all but idling and waiting for disks", () => {
  const stat = "cpu  10 1 5 100 20 2 3 4 50 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
  expect(parseMachineStat(stat)).toEqual({ total: 145, busy: 25 });
});

it("adds up processes of the same name", () => {
  const processes = [
    { name: "gateway", pid: 1 },
    { name: "gateway", pid: 2 },
    { name: "mysql", pid: 3 },
  ];
  expect(byName(processes, (pid) => pid * 10)).toEqual({ gateway: 30, mysql: 30 });
});
