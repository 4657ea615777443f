import type { z } from "zod";
import { ERROR_CODES } from "../errors.ts";
import { COMMANDS, EVENTS } from "../events.ts";
import { type HttpRoute, ROUTES } from "../http.ts";
import { SEED_003_ROUTES } from "../internal/dialects/rest-003.ts";
import { LIMITS, RATE_LIMITS } from "../limits.ts";
import { describe, type JsonSchema } from "./schema.ts";

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** A JSON Schema as a short type: `{ seq: integer, body?: string \| null }`. */
function shape(schema: JsonSchema): string {
  if (typeof schema.$ref === "string") return schema.$ref.replace(/.*\//, "");
  const options = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (options) return options.map(shape).join(" | ");
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `[${shape((schema.items ?? {}) as JsonSchema)}]`;
  if (schema.type !== "object") return [schema.type ?? "any"].flat().join(" | ");
  const required = new Set((schema.required ?? []) as string[]);
  const fields = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  if (fields.length === 0) {
    const values = schema.additionalProperties as JsonSchema | undefined;
    return values && typeof values === "object" ? `{ [key]: ${shape(values)} }` : "{}";
  }
  return `{ ${fields.map(([name, field]) => `${name}${required.has(name) ? "" : "?"}: ${shape(field)}`).join(", ")} }`;
}

const code = (text: string): string => `\`${cell(text)}\``;
const shapeOf = (schema: z.ZodType, io: "input" | "output", named: Record<string, JsonSchema>): string =>
  code(shape(describe(schema, io, named)));

/** The tables of docs/protocol.md: commands, events, REST, named shapes, errors, limits. */
export function protocolReference(): string {
  const named: Record<string, JsonSchema> = {};
  const commands = Object.entries(COMMANDS).map(([name, command]) => [
    `\`${name}\``,
    shapeOf(command.payload, "input", named),
    "ack" in command ? shapeOf(command.ack, "output", named) : "none",
    command.limit,
    command.about,
  ]);
  const events = Object.entries(EVENTS).map(([name, event]) => [
    `\`${name}\``,
    shapeOf(event.payload, "output", named),
    event.about,
  ]);
  const routesOf = (routes: Record<string, HttpRoute>) =>
    Object.values(routes).map((route) => [
      `\`${route.method} ${route.path}\``,
      route.auth,
      [route.query, route.body].flatMap((part) => (part ? [shapeOf(part, "input", named)] : [])).join(" "),
      `${route.status} ${route.reply ? shapeOf(route.reply, "output", named) : ""}`,
      route.about,
    ]);
  const [native, seed003] = [routesOf(ROUTES), routesOf(SEED_003_ROUTES)];
  const shapes = Object.entries(named)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([id, schema]) => [`\`${id}\``, code(shape(schema))]);
  return [
    "### Commands: client → server",
    table(["event", "payload", "ack", "limit", "meaning"], commands),
    "### Events: server → client",
    table(["event", "payload", "meaning"], events),
    "### REST",
    table(["route", "caller", "query and body", "answer", "meaning"], native),
    "### REST of seed 003",
    "For clients of that system, beside `/v1`: the same rights, the same messages. A refusal is `{ success: false, error, code, reason }` with the status of its code.",
    table(["route", "caller", "query and body", "answer", "meaning"], seed003),
    "### Named shapes",
    table(["name", "shape"], shapes),
    "### Errors",
    table(
      ["code", "status", "retry", "meaning"],
      Object.entries(ERROR_CODES).map(([name, row]) => [
        `\`${name}\``,
        String(row.status),
        row.retry,
        row.message,
      ]),
    ),
    "### Limits",
    table(
      ["name", "value"],
      Object.entries(LIMITS).map(([name, value]) => [`\`${name}\``, String(value)]),
    ),
    table(
      ["rate", "burst", "per second"],
      Object.entries(RATE_LIMITS).map(([name, rate]) => [
        `\`${name}\``,
        String(rate.burst),
        String(rate.perSecond),
      ]),
    ),
  ].join("\n\n");
}

/** One service's settings as a table, from the schema that reads them. */
export function settingsReference(environment: z.ZodObject): string {
  const rows = Object.entries(environment.shape as Record<string, z.ZodType>).map(([name, schema]) => {
    const absent = schema.safeParse(undefined);
    const value = defaultOf(schema);
    const fallback = !absent.success ? "**required**" : value === "" ? "" : code(value);
    return [`\`${name}\``, fallback, cell(schema.description ?? "")];
  });
  return table(["variable", "default", "meaning"], rows);
}

/** The default as it would be written in the environment; empty when there is none. */
export function defaultOf(schema: z.ZodType): string {
  const { data } = schema.safeParse(undefined);
  if (data === undefined) return "";
  return typeof data === "object" ? JSON.stringify(data) : String(data);
}
