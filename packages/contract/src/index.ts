export * from "./commands.ts";
export * from "./entities.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./http.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./version.ts";
