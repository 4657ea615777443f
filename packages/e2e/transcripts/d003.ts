import { connect, emit, hear, leave, type Transcript } from "./script.ts";

const sealed = (id: string, from: string, ciphertext: string) => ({
  id: `$${id}`,
  conversation_id: "$direct",
  sender_id: `$${from}`,
  content_encrypted: ciphertext,
  is_encrypted: true,
  message_type: "text",
  is_edited: false,
  is_deleted: false,
  created_at: "@time",
});

export const d003: Transcript = {
  seed: "003",
  steps: [
    connect("ann", { token: "$ann.token" }),
    emit("ann", "presence:online"),
    connect("bo", { token: "$bo.token" }),
    emit("bo", "presence:online"),
    hear("ann", "user:status_changed", { userId: "$bo", status: "online", timestamp: "@time" }),

    emit("ann", "chat:typing", { conversationId: "$direct", isTyping: true }),
    hear("bo", "chat:user_typing", {
      userId: "$ann",
      username: "ann",
      isTyping: true,
      timestamp: "@time",
      conversationId: "$direct",
    }),
    emit("ann", "chat:typing", { conversationId: "$direct", isTyping: false }),
    hear("bo", "chat:user_typing", {
      userId: "$ann",
      username: "ann",
      isTyping: false,
      timestamp: "@time",
      conversationId: "$direct",
    }),

    emit(
      "ann",
      "chat:message_send",
      { conversationId: "$direct", contentEncrypted: "c2VhbGVk+/==" },
      { success: true, messageId: "$sealed" },
    ),
    hear("bo", "chat:message_received", sealed("sealed", "ann", "c2VhbGVk+/==")),
    emit("bo", "chat:message_delivered", { messageId: "$sealed" }),
    hear("ann", "chat:message_status_updated", {
      messageId: "$sealed",
      status: "delivered",
      deliveredBy: "$bo",
    }),
    emit("bo", "chat:message_read", { messageId: "$sealed" }),
    hear("ann", "chat:message_status_updated", { messageId: "$sealed", status: "read", readBy: "$bo" }),

    emit(
      "bo",
      "chat:message_send",
      { conversationId: "$direct", content: "Plain" },
      { success: true, messageId: "$plain" },
    ),
    hear("ann", "chat:message_received", {
      ...sealed("plain", "bo", "Plain"),
      content: "Plain",
      is_encrypted: false,
    }),
    emit(
      "bo",
      "chat:message_send",
      { conversationId: "12", content: "Elsewhere" },
      { success: false, error: "@any", code: "not_found", reason: "conversation" },
    ),

    emit("bo", "presence:offline"),
    leave("bo"),
    hear("ann", "user:status_changed", { userId: "$bo", status: "offline", timestamp: "@time" }),
    emit(
      "ann",
      "chat:message_send",
      { conversationId: "$direct", contentEncrypted: "bGF0ZXI=" },
      { success: true, messageId: "$later" },
    ),
    connect("bo", { token: "$bo.token" }),
    emit("bo", "presence:online"),
    hear("bo", "chat:message_received", sealed("later", "ann", "bGF0ZXI=")),
  ],
};
