export type {
  AuditEntry,
  Ban,
  Block,
  Conversation,
  CustomStatus,
  ErrorCode,
  Me,
  Member,
  Message,
  MessageKind,
  Presence,
  PresenceStatus,
  Report,
  ReportWithEvidence,
  User,
} from "@confab/contract";
export { ChatError, LIMITS } from "@confab/contract";
export type { Attention } from "./attention.ts";
export { type Auth, type AuthOptions, createAuth, type SessionStorage } from "./auth.ts";
export { createChatClient } from "./client.ts";
export type { ListPage, Moderation, PageInput } from "./moderation.ts";
export type { OutboxRecord, OutboxStorage } from "./outbox-storage.ts";
export type { Clock } from "./runtime.ts";
export type { OpenTransport, Transport, TransportHandlers } from "./transport.ts";
export type * from "./types.ts";
