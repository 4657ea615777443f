import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, loadConfig, setting } from "./config.ts";

const schema = z.object({
  THING_PORT: setting.port.default(80).describe("where it listens"),
  THING_SECRET: z.string().min(8).describe("what it signs with"),
  THING_LIMITS: setting.json(z.object({ burst: z.int() })).default({ burst: 1 }),
  THING_FAST: setting.flag.default(false),
});

it("reads text, numbers, flags and JSON, and takes empty for absent", () => {
  const env = {
    THING_SECRET: "long enough",
    THING_PORT: "",
    THING_LIMITS: '{"burst":7}',
    THING_FAST: "true",
  };
  expect(loadConfig(schema, env)).toEqual({
    THING_PORT: 80,
    THING_SECRET: "long enough",
    THING_LIMITS: { burst: 7 },
    THING_FAST: true,
  });
});

it("reads a mounted secret from the file that *_FILE names", () => {
  const file = join(mkdtempSync(join(tmpdir(), "config-")), "secret");
  writeFileSync(file, "from the file\n");
  expect(loadConfig(schema, { THING_SECRET_FILE: file }).THING_SECRET).toBe("from the file");
});

it("names every fault at once, and never the value of one", () => {
  const load = () => loadConfig(schema, { THING_PORT: "99999", THING_SECRET: "short", THING_LIMITS: "{" });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/THING_PORT.*where it listens[\s\S]*THING_SECRET[\s\S]*THING_LIMITS.*not JSON/);
  expect(load).not.toThrow(/short"/);
});
