export * from "./hooks.ts";
export { ChatProvider, useChat } from "./provider.ts";
