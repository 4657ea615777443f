import { z } from "zod";
import { Seq } from "../ids.ts";
import {
  MessageVersion,
  ThreadList,
  ThreadListQuery,
  ThreadPage,
  ThreadQuery,
  ThreadState,
} from "../threads.ts";
import { type HttpRoute, MessageParams } from "./route.ts";

/** One level of threads; a thread is named by its root. */
export const THREAD_ROUTES = {
  listThreads: {
    about: "Threads that you follow, latest reply first.",
    method: "GET",
    path: "/v1/threads",
    auth: "user",
    query: ThreadListQuery,
    status: 200,
    reply: ThreadList,
    limit: "read",
  },
  getThread: {
    about: "A page of replies, oldest first, with the root and how far you have read.",
    method: "GET",
    path: "/v1/messages/:messageId/thread",
    auth: "user",
    params: MessageParams,
    query: ThreadQuery,
    status: 200,
    reply: ThreadPage,
    limit: "read",
  },
  readThread: {
    about: "You have seen the thread up to `seq`.",
    method: "POST",
    path: "/v1/messages/:messageId/thread/read",
    auth: "user",
    params: MessageParams,
    body: z.strictObject({ seq: Seq }),
    status: 200,
    reply: ThreadState,
    limit: "receipt",
  },
  followThread: {
    about: "Hear of new replies without posting.",
    method: "PUT",
    path: "/v1/messages/:messageId/thread/follow",
    auth: "user",
    params: MessageParams,
    status: 200,
    reply: ThreadState,
    limit: "change",
  },
  unfollowThread: {
    about: "Hear of them no longer.",
    method: "DELETE",
    path: "/v1/messages/:messageId/thread/follow",
    auth: "user",
    params: MessageParams,
    status: 200,
    reply: ThreadState,
    limit: "change",
  },
  listEdits: {
    about: "What a message said before it was edited (admins and moderators of the group).",
    method: "GET",
    path: "/v1/messages/:messageId/edits",
    auth: "user",
    params: MessageParams,
    status: 200,
    reply: z.object({ items: z.array(MessageVersion) }),
    limit: "read",
  },
} as const satisfies Record<string, HttpRoute>;
