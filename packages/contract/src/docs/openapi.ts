import { z } from "zod";
import { Problem } from "../errors.ts";
import { type HttpRoute, ROUTES } from "../http.ts";
import { SEED_003_ROUTES, Seed003Error } from "../internal/dialects/rest-003.ts";
import { describe, type JsonSchema } from "./schema.ts";

const SECURITY = { none: [], user: [{ accessToken: [] }], service: [{ serviceToken: [] }] } as const;

/** The public REST as an OpenAPI 3.1 document. */
export function openApiDocument(): JsonSchema {
  const schemas: Record<string, JsonSchema> = {};
  const paths: Record<string, Record<string, JsonSchema>> = {};
  const add = (routes: Record<string, HttpRoute>, refusal: JsonSchema): void => {
    for (const [operationId, route] of Object.entries(routes)) {
      const path = route.path.replace(/:(\w+)/g, "{$1}");
      paths[path] ??= {};
      paths[path][route.method.toLowerCase()] = operation(operationId, route, schemas, refusal);
    }
  };
  add(ROUTES, { "application/problem+json": { schema: describe(Problem, "output", schemas) } });
  add(SEED_003_ROUTES, { "application/json": { schema: describe(Seed003Error, "output", schemas) } });
  return {
    openapi: "3.1.0",
    info: {
      title: "Confab",
      version: "1",
      description:
        "REST of protocol 1, and under `/api` that of an earlier system. Every refusal is `application/problem+json` with `code`, `reason` and `requestId`; under `/api` it is `{ success: false, error, code, reason }`.",
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        accessToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        serviceToken: { type: "http", scheme: "bearer", description: "minted with `npm run service-token`" },
      },
    },
  };
}

function operation(
  operationId: string,
  route: HttpRoute,
  schemas: Record<string, JsonSchema>,
  refusal: JsonSchema,
): JsonSchema {
  const json = (schema: z.ZodType, io: "input" | "output") => ({
    "application/json": { schema: describe(schema, io, schemas) },
  });
  return {
    operationId,
    summary: route.about,
    security: SECURITY[route.auth],
    parameters: [
      ...parameters("path", route.params, schemas),
      ...parameters("query", route.query, schemas),
      ...parameters("header", route.headers, schemas),
    ],
    ...(route.body && { requestBody: { required: true, content: json(route.body, "input") } }),
    responses: {
      [route.status]: {
        description: route.reply ? "The answer" : "Done",
        ...(route.reply && { content: json(route.reply, "output") }),
      },
      default: {
        description: "Refused",
        content: refusal,
      },
    },
  };
}

function parameters(
  where: "path" | "query" | "header",
  schema: z.ZodType | undefined,
  schemas: Record<string, JsonSchema>,
): JsonSchema[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, part]) => ({
    name,
    in: where,
    required: where === "path" || !part.safeParse(undefined).success,
    schema: describe(part, "input", schemas),
  }));
}
