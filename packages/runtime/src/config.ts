import { readFileSync } from "node:fs";
import { z } from "zod";

/** A setting that is missing or wrong; the message lists every fault, for the person who starts the service. */
export class ConfigError extends Error {}

/**
 * Reads a service's settings from its environment. `<NAME>_FILE` names a file that holds the value, as
 * mounted secrets do. Empty counts as absent.
 * @throws ConfigError with all faults at once
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv): Readonly<z.output<S>> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const file = env[`${name}_FILE`];
    const value = file ? readFileSync(file, "utf8").trim() : env[name];
    if (value !== undefined && value !== "") values[name] = value;
  }
  const result = schema.safeParse(values);
  if (result.success) return Object.freeze(result.data);
  const faults = result.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? "?");
    const about = (schema.shape[name] as z.ZodType | undefined)?.description;
    return `  ${issue.path.join(".")}: ${issue.message}${about ? ` (${about})` : ""}`;
  });
  throw new ConfigError(`The environment is not usable:\n${faults.join("\n")}`);
}

const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const integer = z.coerce.number().int();
const json = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "not JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);

/** Building blocks for a service's own schema. */
export const setting = {
  flag,
  integer,
  json,
  port: integer.min(0).max(65_535),
  list: z.string().transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  ),
  url: z.url().transform((url) => url.replace(/\/$/, "")),
};

/** One outside issuer of access tokens. */
export const Issuer = z.strictObject({
  issuer: z.string().min(1),
  audience: z.string().min(1),
  jwksUrl: z.url(),
});
export type Issuer = z.infer<typeof Issuer>;

/** Settings that mean the same in every service. */
export const sharedSettings = {
  HOST: z.string().default("0.0.0.0").describe("address that the service listens on"),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
    .default("info")
    .describe("least severe level that is logged"),
  REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default("confab")
    .describe("begins every Redis key and channel of this deployment"),
  INTERNAL_TOKEN: z
    .string()
    .min(32)
    .describe("secret that services show each other on /internal routes, 32 characters or more"),
};

/** Settings of whoever checks access tokens. */
export const authSettings = {
  AUTH_ISSUER: z.string().default("confab").describe("`iss` of the tokens that Confab itself signs"),
  AUTH_AUDIENCE: z.string().default("confab").describe("`aud` of the tokens that Confab itself signs"),
  AUTH_ISSUERS: json(z.array(Issuer))
    .default([])
    .describe("outside issuers, a JSON array of { issuer, audience, jwksUrl }"),
};
