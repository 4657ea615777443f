export * from "./jobs.ts";
export * from "./names.ts";
export * from "./rpc.ts";
