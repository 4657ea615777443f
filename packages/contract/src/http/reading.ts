import { z } from "zod";
import { PersonalState, Watermarks } from "../entities.ts";
import { Seq } from "../ids.ts";
import {
  Draft,
  MarkedAll,
  PersonalSyncReply,
  PersonalSyncRequest,
  Readers,
  SetDraftBody,
  SetPersonalBody,
} from "../reading.ts";
import { ConversationParams, type HttpRoute, MessageParams } from "./route.ts";

/** What a person has of their own: how far they have read, what is muted, pinned, archived, typed. */
export const READING_ROUTES = {
  readMessage: {
    about: "You have seen everything up to this message.",
    method: "POST",
    path: "/v1/messages/:messageId/read",
    auth: "user",
    params: MessageParams,
    status: 200,
    reply: Watermarks,
    limit: "receipt",
  },
  readAll: {
    about: "You have seen everything there is, in every conversation and thread.",
    method: "POST",
    path: "/v1/receipts/read-all",
    auth: "user",
    status: 200,
    reply: MarkedAll,
    limit: "change",
  },
  markUnread: {
    about: "Mark unread from `seq` on, for yourself alone: no watermark goes back.",
    method: "POST",
    path: "/v1/conversations/:conversationId/unread",
    auth: "user",
    params: ConversationParams,
    body: z.strictObject({ seq: Seq.min(1) }),
    status: 200,
    reply: PersonalState,
    limit: "change",
  },
  listReaders: {
    about: "Who has seen a message; above 200 members only how many.",
    method: "GET",
    path: "/v1/messages/:messageId/readers",
    auth: "user",
    params: MessageParams,
    status: 200,
    reply: Readers,
    limit: "read",
  },
  setPersonal: {
    about: "Mute (until a time), pin or archive a conversation for yourself.",
    method: "PATCH",
    path: "/v1/conversations/:conversationId/personal",
    auth: "user",
    params: ConversationParams,
    body: SetPersonalBody,
    status: 200,
    reply: PersonalState,
    limit: "change",
  },
  syncPersonal: {
    about:
      "Settings, drafts and hidden messages of your own that changed after a revision; from 0 all of them.",
    method: "POST",
    path: "/v1/me/sync",
    auth: "user",
    body: PersonalSyncRequest,
    status: 200,
    reply: PersonalSyncReply,
    limit: "read",
  },
  setDraft: {
    about: "Keep what you have typed, for all of your devices; empty clears it.",
    method: "PUT",
    path: "/v1/conversations/:conversationId/draft",
    auth: "user",
    params: ConversationParams,
    body: SetDraftBody,
    status: 200,
    reply: Draft,
    limit: "change",
  },
} as const satisfies Record<string, HttpRoute>;
