import { connect, emit, hear, leave, refused, type Transcript } from "./script.ts";

const row = (id: string, from: string, to: string, content: string) => ({
  message_id: `#${id}`,
  conversation_id: "#direct",
  sender_id: `#${from}`,
  receiver_id: `#${to}`,
  content,
  timestamp: "@time",
  read_status: false,
});

export const d002: Transcript = {
  seed: "002",
  steps: [
    refused("ann", { dialect: "002", token: "nonsense" }),
    connect("ann", { token: "$ann.token" }),
    emit("ann", "joinRoom", "#direct"),
    connect("bo", { token: "$bo.token" }),
    emit("bo", "joinRoom", "#direct"),

    emit("ann", "sendMessage", { conversationId: "#direct", senderId: "#ann", content: "Hello" }),
    hear("bo", "receiveMessage", row("hello", "ann", "bo", "Hello")),
    hear("ann", "receiveMessage", row("hello", "ann", "bo", "Hello")),
    emit("ann", "sendMessage", { conversationId: "#direct", senderId: "#ann", content: "Again" }),
    hear("bo", "receiveMessage", row("again", "ann", "bo", "Again")),
    emit("bo", "markAsRead", { conversationId: "#direct", messageIds: ["#hello", "#again"] }),
    hear("ann", "messageUpdated", { messageIds: ["#hello", "#again"], read_status: true }),
    hear("bo", "messageUpdated", { messageIds: ["#hello", "#again"], read_status: true }),

    emit("bo", "sendMessage", { conversationId: "#direct", senderId: "#ann", content: "Not me" }),
    hear("bo", "messageError", { error: "@any", details: "other_user" }),
    emit("bo", "markAsRead", { conversationId: "#direct", messageIds: [1] }),
    hear("bo", "messageError", { error: "@any", details: "message" }),
    emit("bo", "joinRoom", 12),
    hear("bo", "messageError", { error: "@any", details: "conversation" }),

    leave("bo"),
    emit("ann", "sendMessage", { conversationId: "#direct", senderId: "#ann", content: "For later" }),
    hear("ann", "receiveMessage", row("again", "ann", "bo", "Again")),
    hear("ann", "receiveMessage", row("later", "ann", "bo", "For later")),
    connect("bo", { token: "$bo.token" }),
    emit("bo", "joinRoom", "#direct"),
    hear("bo", "receiveMessage", row("later", "ann", "bo", "For later")),
  ],
};
