import { z } from "zod";
import { Conversation, ConversationSummary, Role } from "../entities.ts";
import { ConversationChange, CreateConversation } from "../groups.ts";
import { ConversationParams, type HttpRoute, MemberParams, Page, pageOf } from "./route.ts";

/** Conversations and who is in them. */
export const CONVERSATION_ROUTES = {
  createConversation: {
    about: "Make a group, or open the direct conversation with somebody (the same one for ever).",
    method: "POST",
    path: "/v1/conversations",
    auth: "user",
    body: CreateConversation,
    status: 201,
    reply: Conversation,
    limit: "change",
  },
  listConversations: {
    about: "Your conversations: pinned ones first, then newest activity first.",
    method: "GET",
    path: "/v1/conversations",
    auth: "user",
    query: Page.extend({ archived: z.enum(["only", "without"]).optional() }),
    status: 200,
    reply: pageOf(ConversationSummary),
    limit: "read",
  },
  getConversation: {
    about: "One conversation of yours.",
    method: "GET",
    path: "/v1/conversations/:conversationId",
    auth: "user",
    params: ConversationParams,
    status: 200,
    reply: ConversationSummary,
    limit: "read",
  },
  updateConversation: {
    about: "Rename a group, change its picture or its settings (admins and moderators).",
    method: "PATCH",
    path: "/v1/conversations/:conversationId",
    auth: "user",
    params: ConversationParams,
    body: ConversationChange,
    status: 200,
    reply: Conversation,
    limit: "change",
  },
  addMember: {
    about: "Add a person to a group (admins and moderators).",
    method: "PUT",
    path: "/v1/conversations/:conversationId/members/:userId",
    auth: "user",
    params: MemberParams,
    status: 200,
    reply: Conversation,
    limit: "change",
  },
  changeRole: {
    about: "Give a member another role (admins); the last admin stays one.",
    method: "PATCH",
    path: "/v1/conversations/:conversationId/members/:userId",
    auth: "user",
    params: MemberParams,
    body: z.strictObject({ role: Role }),
    status: 200,
    reply: Conversation,
    limit: "change",
  },
  removeMember: {
    about: "Take a person out of a group, or leave it yourself.",
    method: "DELETE",
    path: "/v1/conversations/:conversationId/members/:userId",
    auth: "user",
    params: MemberParams,
    status: 204,
    limit: "change",
  },
} as const satisfies Record<string, HttpRoute>;
