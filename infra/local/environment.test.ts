import { expect, test } from "vitest";
import { serviceEnvironment } from "./environment.ts";
import { createSecrets } from "./secrets.ts";

const input = async () => ({
  stores: { mysqlUrl: "mysql://m/confab", redisRealtimeUrl: "redis://r", redisQueueUrl: "redis://q" },
  ports: { message: 1, presence: 2, delivery: 3, gateways: [4, 5] },
  secrets: await createSecrets(),
  publicUrl: "http://localhost:8080",
});

test("every service gets its port, and the gateways one each", async () => {
  const { message, presence, delivery, gateways } = serviceEnvironment(await input());
  expect(message.MESSAGE_PORT).toBe("1");
  expect(presence.PRESENCE_PORT).toBe("2");
  expect(delivery.DELIVERY_PORT).toBe("3");
  expect(gateways.map((env) => env.GATEWAY_PORT)).toEqual(["4", "5"]);
  expect(gateways[0]?.AUTH_JWKS_URL).toBe("http://127.0.0.1:1/.well-known/jwks.json");
});

test("the signing key goes to the message service alone, and can sign", async () => {
  const { message, ...others } = serviceEnvironment(await input());
  expect(JSON.stringify(others)).not.toContain("AUTH_SIGNING_KEY");
  const key = JSON.parse(message.AUTH_SIGNING_KEY ?? "");
  expect(key).toMatchObject({ kty: "OKP", crv: "Ed25519", alg: "EdDSA" });
  expect(key.d).toBeTypeOf("string");
  expect(key.kid).toBeTypeOf("string");
  expect(message.INTERNAL_TOKEN?.length).toBeGreaterThanOrEqual(32);
});

test("a Redis prefix is passed on only if there is one", async () => {
  expect(serviceEnvironment(await input()).presence).not.toHaveProperty("REDIS_PREFIX");
  expect(serviceEnvironment({ ...(await input()), redisPrefix: "t1" }).presence.REDIS_PREFIX).toBe("t1");
});
