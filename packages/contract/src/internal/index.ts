export * from "./dialects/index.ts";
export * from "./dialects/rest-003.ts";
export * from "./jobs.ts";
export * from "./lookups.ts";
export * from "./names.ts";
export * from "./rpc.ts";
