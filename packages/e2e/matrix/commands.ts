import { randomUUID } from "node:crypto";
import type { CommandName } from "@confab/contract";
import type { Actor, Scene, Who } from "./cast.ts";

/** `ok`, or `code:reason`. */
export type Outcome = string;

export interface Command {
  /** `*`: admin, moderator and member alike; absent ones: `not_found`. */
  may: Partial<Record<Who | "*", Outcome>>;
  socket?: (scene: Scene) => [CommandName, object];
  rest: (
    scene: Scene,
    actor: Actor,
  ) => Promise<{ status: number; body: { code?: string; reason?: string } | null }>;
  /** What is not found; by default the conversation. */
  hidden?: string;
}

const ROLE = "forbidden:role";
const moderators = { admin: "ok", moderator: "ok", member: ROLE };
const conversation = ({ conversationId }: Scene) => `/v1/conversations/${conversationId}`;

export const COMMANDS: Record<string, Command> = {
  "read the conversation": {
    may: { "*": "ok" },
    rest: (scene, { call }) => call.get(conversation(scene)),
  },
  "read its history": {
    may: { "*": "ok" },
    rest: (scene, { call }) => call.get(`${conversation(scene)}/messages`),
  },
  send: {
    may: { "*": "ok" },
    socket: ({ conversationId }) => [
      "message:send",
      { conversationId, clientMessageId: randomUUID(), body: "hello" },
    ],
    rest: (scene, { call }) => call.post(`${conversation(scene)}/messages`, { body: "hello" }),
  },
  "answer a message": {
    may: { "*": "ok" },
    socket: ({ conversationId, othersId }) => [
      "message:send",
      { conversationId, clientMessageId: randomUUID(), body: "hello", replyToId: othersId },
    ],
    rest: (scene, { call }) =>
      call.post(`${conversation(scene)}/messages`, { body: "hello", replyToId: scene.othersId }),
  },
  "edit one's own": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ ownId }) => ["message:edit", { messageId: ownId, body: "changed" }],
    rest: ({ ownId }, { call }) => call.patch(`/v1/messages/${ownId}`, { body: "changed" }),
  },
  "edit another's": {
    may: { "*": "forbidden:not_author" },
    hidden: "message",
    socket: ({ othersId }) => ["message:edit", { messageId: othersId, body: "changed" }],
    rest: ({ othersId }, { call }) => call.patch(`/v1/messages/${othersId}`, { body: "changed" }),
  },
  "delete one's own": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ ownId }) => ["message:delete", { messageId: ownId }],
    rest: ({ ownId }, { call }) => call.delete(`/v1/messages/${ownId}`),
  },
  "delete another's": {
    may: { admin: "ok", moderator: "ok", member: "forbidden:not_author" },
    hidden: "message",
    socket: ({ othersId }) => ["message:delete", { messageId: othersId }],
    rest: ({ othersId }, { call }) => call.delete(`/v1/messages/${othersId}`),
  },
  "hide a message": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["message:delete", { messageId: othersId, scope: "me" }],
    rest: ({ othersId }, { call }) => call.delete(`/v1/messages/${othersId}?scope=me`),
  },
  react: {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["reaction:add", { messageId: othersId, emoji: "x" }],
    rest: ({ othersId }, { call }) => call.put(`/v1/messages/${othersId}/reactions/x`),
  },
  "take a reaction back": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["reaction:remove", { messageId: othersId, emoji: "x" }],
    rest: ({ othersId }, { call }) => call.delete(`/v1/messages/${othersId}/reactions/x`),
  },
  pin: {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["message:pin", { messageId: othersId }],
    rest: ({ othersId }, { call }) => call.put(`/v1/messages/${othersId}/pin`),
  },
  unpin: {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["message:unpin", { messageId: othersId }],
    rest: ({ othersId }, { call }) => call.delete(`/v1/messages/${othersId}/pin`),
  },
  "see who has read a message": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["message:readers", { messageId: othersId }],
    rest: ({ othersId }, { call }) => call.get(`/v1/messages/${othersId}/readers`),
  },
  "see what a message said before": {
    may: moderators,
    hidden: "message",
    socket: ({ othersId }) => ["message:edits", { messageId: othersId }],
    rest: ({ othersId }, { call }) => call.get(`/v1/messages/${othersId}/edits`),
  },
  "read up to a message": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["receipt:readMessage", { messageId: othersId }],
    rest: ({ othersId }, { call }) => call.post(`/v1/messages/${othersId}/read`, undefined),
  },
  "answer in a thread": {
    may: { "*": "ok" },
    socket: ({ conversationId, othersId }) => [
      "message:send",
      { conversationId, clientMessageId: randomUUID(), body: "hello", threadRootId: othersId },
    ],
    rest: (scene, { call }) =>
      call.post(`${conversation(scene)}/messages`, { body: "hello", threadRootId: scene.othersId }),
  },
  "read a thread's messages": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["thread:messages", { rootId: othersId }],
    rest: ({ othersId }, { call }) => call.get(`/v1/messages/${othersId}/thread`),
  },
  "mark a thread as read": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["thread:read", { rootId: othersId, seq: 1 }],
    rest: ({ othersId }, { call }) => call.post(`/v1/messages/${othersId}/thread/read`, { seq: 1 }),
  },
  "follow a thread": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["thread:follow", { rootId: othersId }],
    rest: ({ othersId }, { call }) => call.put(`/v1/messages/${othersId}/thread/follow`),
  },
  "follow a thread no longer": {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["thread:unfollow", { rootId: othersId }],
    rest: ({ othersId }, { call }) => call.delete(`/v1/messages/${othersId}/thread/follow`),
  },
  search: {
    may: { "*": "ok" },
    socket: ({ conversationId }) => ["message:search", { conversationId, query: "message" }],
    rest: ({ conversationId }, { call }) =>
      call.get(`/v1/search?query=message&conversationId=${conversationId}`),
  },
  "mute, pin or archive it": {
    may: { "*": "ok" },
    socket: ({ conversationId }) => ["personal:set", { conversationId, pinned: true }],
    rest: (scene, { call }) => call.patch(`${conversation(scene)}/personal`, { pinned: true }),
  },
  "mark it unread": {
    may: { "*": "ok" },
    socket: ({ conversationId }) => ["receipt:unread", { conversationId, seq: 1 }],
    rest: (scene, { call }) => call.post(`${conversation(scene)}/unread`, { seq: 1 }),
  },
  "keep a draft": {
    may: { "*": "ok" },
    socket: ({ conversationId }) => ["draft:set", { conversationId, body: "well" }],
    rest: (scene, { call }) => call.put(`${conversation(scene)}/draft`, { body: "well" }),
  },
  "say that it was delivered": {
    may: { "*": "ok" },
    socket: ({ conversationId }) => ["receipt:delivered", { conversationId, seq: 1 }],
    rest: (scene, { call }) => call.post(`${conversation(scene)}/receipts`, { deliveredSeq: 1 }),
  },
  "mark as read": {
    may: { "*": "ok" },
    socket: ({ conversationId }) => ["receipt:read", { conversationId, seq: 1 }],
    rest: (scene, { call }) => call.post(`${conversation(scene)}/receipts`, { readSeq: 1 }),
  },
  rename: {
    may: moderators,
    socket: ({ conversationId }) => ["conversation:update", { conversationId, title: "Another" }],
    rest: (scene, { call }) => call.patch(conversation(scene), { title: "Another" }),
  },
  "change slow mode": {
    may: moderators,
    socket: ({ conversationId }) => ["conversation:update", { conversationId, slowModeSeconds: 9 }],
    rest: (scene, { call }) => call.patch(conversation(scene), { slowModeSeconds: 9 }),
  },
  "make it an announcement group": {
    may: { admin: "ok", moderator: ROLE, member: ROLE },
    socket: ({ conversationId }) => ["conversation:update", { conversationId, announcement: true }],
    rest: (scene, { call }) => call.patch(conversation(scene), { announcement: true }),
  },
  "add somebody": {
    may: moderators,
    socket: ({ conversationId, strangerId }) => ["member:add", { conversationId, userId: strangerId }],
    rest: (scene, { call }) => call.put(`${conversation(scene)}/members/${scene.strangerId}`),
  },
  "remove a member": {
    may: moderators,
    socket: ({ conversationId, otherId }) => ["member:remove", { conversationId, userId: otherId }],
    rest: (scene, { call }) => call.delete(`${conversation(scene)}/members/${scene.otherId}`),
  },
  "remove the admin": {
    may: { admin: "conflict:last_admin", moderator: ROLE, member: ROLE },
    socket: ({ conversationId, adminId }) => ["member:remove", { conversationId, userId: adminId }],
    rest: (scene, { call }) => call.delete(`${conversation(scene)}/members/${scene.adminId}`),
  },
  "give a role": {
    may: { admin: "ok", moderator: ROLE, member: ROLE },
    socket: ({ conversationId, otherId }) => [
      "member:change",
      { conversationId, userId: otherId, role: "moderator" },
    ],
    rest: (scene, { call }) =>
      call.patch(`${conversation(scene)}/members/${scene.otherId}`, { role: "moderator" }),
  },
  ban: {
    may: moderators,
    socket: ({ conversationId, otherId }) => ["member:ban", { conversationId, userId: otherId }],
    rest: (scene, { call }) => call.put(`${conversation(scene)}/bans/${scene.otherId}`, {}),
  },
  "lift a ban": {
    may: moderators,
    socket: ({ conversationId, otherId }) => ["member:unban", { conversationId, userId: otherId }],
    rest: (scene, { call }) => call.delete(`${conversation(scene)}/bans/${scene.otherId}`),
  },
  "see the bans": { may: moderators, rest: (scene, { call }) => call.get(`${conversation(scene)}/bans`) },
  report: {
    may: { "*": "ok" },
    hidden: "message",
    socket: ({ othersId }) => ["message:report", { messageId: othersId, category: "spam" }],
    rest: ({ othersId }, { call }) => call.post(`/v1/messages/${othersId}/reports`, { category: "spam" }),
  },
  "see the reports": {
    may: moderators,
    rest: (scene, { call }) => call.get(`${conversation(scene)}/reports`),
  },
  "see a report": {
    may: moderators,
    hidden: "report",
    rest: ({ reportId }, { call }) => call.get(`/v1/reports/${reportId}`),
  },
  "handle a report": {
    may: moderators,
    hidden: "report",
    socket: ({ reportId }) => ["report:handle", { reportId, state: "resolved" }],
    rest: ({ reportId }, { call }) => call.patch(`/v1/reports/${reportId}`, { state: "resolved" }),
  },
  "read the audit": { may: moderators, rest: (scene, { call }) => call.get(`${conversation(scene)}/audit`) },
};
