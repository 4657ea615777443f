import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

/**
 * A zod schema in JSON Schema 2020-12. Named schemas (`.meta({ id })`) become references to
 * `#/components/schemas/<id>`, and are collected into `components`.
 * `io`: requests are described as they are sent, replies as they arrive (defaults filled in).
 */
export function describe(
  schema: z.ZodType,
  io: "input" | "output",
  components: Record<string, JsonSchema>,
): JsonSchema {
  const {
    $schema: _dialect,
    $defs,
    ...own
  } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as {
    $schema?: string;
    $defs?: Record<string, JsonSchema>;
  } & JsonSchema;
  for (const [id, definition] of Object.entries($defs ?? {})) components[id] ??= relink(definition);
  if (typeof own.id === "string") {
    const { id, ...rest } = own;
    components[id] ??= relink(rest);
    return { $ref: `#/components/schemas/${id}` };
  }
  return relink(own);
}

/** Moves references from a schema's own `$defs` to the document's components. */
function relink<T>(value: T): T {
  if (Array.isArray(value)) return value.map(relink) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, inner]) => !(key === "id" && typeof inner === "string"))
    .map(([key, inner]) =>
      key === "$ref" && typeof inner === "string"
        ? [key, inner.replace("#/$defs/", "#/components/schemas/")]
        : [key, relink(inner)],
    );
  return Object.fromEntries(entries) as T;
}
