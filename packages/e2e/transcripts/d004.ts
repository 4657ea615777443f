import { connect, emit, hear, leave, type Transcript } from "./script.ts";

const message = (id: string, from: string, content: string, more: object = {}) => ({
  id: `$${id}`,
  roomId: "$group",
  senderId: `$${from}`,
  content,
  type: "text",
  replyToId: null,
  fileIds: [],
  reactions: [],
  createdAt: "@time",
  editedAt: null,
  isEdited: false,
  isDeleted: false,
  ...more,
});
const acked = (it: object) => ({ ...it, ok: true, success: true, message: it });
const about = { roomId: "$group", messageId: "$hello", userId: "$ann" };

export const d004: Transcript = {
  seed: "004",
  steps: [
    connect("ann"),
    emit("ann", "authenticate", { token: "$ann.token" }, { ok: true, success: true, userId: "$ann" }),
    emit("ann", "join_room", { roomId: "$group" }),
    connect("bo"),
    emit("bo", "authenticate", "$bo.token"),
    emit("bo", "join_room", "$group"),
    hear("ann", "user_online", { userId: "$bo", status: "online", customStatus: null }),
    emit("bo", "update_status", { status: "away" }),
    hear("ann", "user_online", { userId: "$bo", status: "idle", customStatus: null }),
    emit("bo", "update_status", { status: "online", customStatus: "Digging" }),
    hear("ann", "user_online", { userId: "$bo", status: "online", customStatus: "Digging" }),

    emit("ann", "typing_start", { roomId: "$group" }),
    hear("bo", "user_typing", { roomId: "$group", userId: "$ann", userName: "ann" }),
    emit("ann", "typing_stop", { roomId: "$group" }),
    hear("bo", "user_stopped_typing", { roomId: "$group", userId: "$ann" }),

    emit(
      "ann",
      "send_message",
      { roomId: "$group", content: "Hello", clientMsgId: "mine-1" },
      acked(message("hello", "ann", "Hello")),
    ),
    hear("bo", "new_message", {
      message: message("hello", "ann", "Hello"),
      conversationId: "$group",
      roomId: "$group",
    }),
    emit("bo", "mark_as_read", { roomId: "$group", messageId: "$hello" }),
    hear("ann", "messages_read", {
      roomId: "$group",
      userId: "$bo",
      messageId: "$hello",
      messageIds: "@any",
      readAt: "@time",
    }),
    emit("bo", "send_message", { roomId: "$group", content: "An answer", replyToId: "$hello" }),
    hear("ann", "new_message", {
      message: message("answer", "bo", "An answer", { replyToId: "$hello" }),
      conversationId: "$group",
      roomId: "$group",
    }),

    emit("bo", "add_reaction", { messageId: "$hello", emoji: "👍" }),
    hear("ann", "reaction_added", { ...about, userId: "$bo", emoji: "👍" }),
    emit("bo", "remove_reaction", { messageId: "$hello", emoji: "👍" }),
    hear("ann", "reaction_removed", { ...about, userId: "$bo", emoji: "👍" }),
    emit("ann", "edit_message", { messageId: "$hello", content: "Hello all" }),
    hear("bo", "message_edited", {
      ...about,
      content: "Hello all",
      editedAt: "@time",
      message: message("hello", "ann", "Hello all", { editedAt: "@time", isEdited: true }),
    }),
    emit("bo", "delete_message", { messageId: "$hello" }),
    hear("bo", "error", { message: "@any", code: "forbidden", reason: "not_author" }),
    emit("ann", "delete_message", { messageId: "$hello" }),
    hear("bo", "message_deleted", { ...about, deletedAt: "@time" }),

    emit("bo", "leave_room", { roomId: "$group" }),
    leave("bo"),
    hear("ann", "user_offline", { userId: "$bo", status: "offline", customStatus: "@any" }),
    emit("ann", "send_message", { roomId: "$group", content: "For later" }),
    connect("bo"),
    emit("bo", "authenticate", { token: "$bo.token" }),
    hear("bo", "new_message", {
      message: message("later", "ann", "For later"),
      conversationId: "$group",
      roomId: "$group",
    }),
  ],
};
