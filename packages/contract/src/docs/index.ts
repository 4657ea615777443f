export * from "./asyncapi.ts";
export * from "./markdown.ts";
export * from "./openapi.ts";
