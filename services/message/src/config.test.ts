import { describe, expect, it } from "vitest";
import { environment, readConfig } from "./config.ts";

const needed = {
  PUBLIC_URL: "https://chat.example/",
  MYSQL_URL: "mysql://confab@db/confab",
  REDIS_REALTIME_URL: "redis://realtime",
  REDIS_QUEUE_URL: "redis://queue",
  PRESENCE_URL: "http://presence",
  INTERNAL_TOKEN: "x".repeat(32),
  AUTH_SIGNING_KEY: '{"kty":"OKP","crv":"Ed25519","x":"eA","d":"ZA"}',
};

describe("the settings", () => {
  it("have a value where nothing is said, and are read-only", () => {
    const config = readConfig(needed);
    expect(config).toMatchObject({
      publicUrl: "https://chat.example",
      trustProxy: "loopback",
      auth: { accessTokenSeconds: 900, refreshTokenMs: 30 * 86_400_000, retiredKeys: [] },
      limits: { send: { burst: 60, perSecond: 2 }, publish: { burst: 500, perSecond: 500 } },
    });
    expect(config.limits.register.burst / config.limits.register.perSecond).toBeCloseTo(600);
    expect(config.limits.login.burst / config.limits.login.perSecond).toBeCloseTo(900);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("change single limits and keep the others", () => {
    const config = readConfig({ ...needed, MESSAGE_RATE_LIMITS: '{"send":{"burst":5,"perSecond":1}}' });
    expect(config.limits).toMatchObject({
      send: { burst: 5, perSecond: 1 },
      change: { burst: 60, perSecond: 2 },
    });
  });

  it.each([
    ["MESSAGE_RATE_LIMITS", '{"shout":{"burst":5,"perSecond":1}}'],
    ["MESSAGE_RATE_LIMITS", '{"send":{"burst":0,"perSecond":1}}'],
    ["AUTH_SIGNING_KEY", '{"kty":"EC","crv":"P-256","x":"eA","d":"ZA"}'],
    ["AUTH_SIGNING_KEY", "-----BEGIN PRIVATE KEY-----"],
    ["AUTH_RETIRED_KEYS", "{}"],
    ["INTERNAL_TOKEN", "short"],
    ["MESSAGE_PORT", "70000"],
    ["PUBLIC_URL", ""],
  ])("refuse %s=%s by name, without repeating a secret", (name, value) => {
    const attempt = () => readConfig({ ...needed, [name]: value });
    expect(attempt).toThrow(new RegExp(`^.*\\n  ${name}`));
    if (name === "AUTH_SIGNING_KEY") expect(attempt).not.toThrow(/ZA|BEGIN/);
  });

  it("are all described", () => {
    for (const [name, schema] of Object.entries(environment.shape)) {
      expect(schema.description, name).toBeTruthy();
    }
  });
});
