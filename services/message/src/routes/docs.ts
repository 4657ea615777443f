import { openApiDocument } from "@confab/contract/docs";
import type { HttpServer } from "@confab/runtime";
import swagger, { type StaticDocumentSpec } from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";

/** The OpenAPI document, and a page to read and try it. Both are made from the contract, so neither can be stale. */
export function registerDocsRoutes(app: HttpServer): void {
  const document = openApiDocument();
  app.get("/v1/openapi.json", async () => document);
  const specification = { document } as unknown as StaticDocumentSpec;
  app.register(swagger, { mode: "static", specification });
  app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
}
