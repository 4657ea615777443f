import { connect, emit, hear, leave, type Transcript } from "./script.ts";

export const d000: Transcript = {
  seed: "000",
  steps: [
    connect("ann"),
    emit("ann", "register", { userId: "$ann", authToken: "$ann.token" }),
    connect("bo"),
    emit("bo", "register", { userId: "$bo", authToken: "$bo.token" }),
    hear("ann", "presenceUpdate", { userId: "$bo", status: "online" }),
    emit("bo", "activityChange", { isActive: false }),
    hear("ann", "presenceUpdate", { userId: "$bo", status: "idle" }),

    emit("ann", "typingStart", { conversationId: "$direct" }),
    hear("bo", "typingIndicator", { userId: "$ann", isTyping: true, conversationId: "$direct" }),
    emit("ann", "typingStop", { conversationId: "$bo" }),
    hear("bo", "typingIndicator", { userId: "$ann", isTyping: false, conversationId: "$direct" }),

    emit("ann", "privateMessage", { to: "$bo", content: "Hello", timestamp: "2026-01-02T03:04:05.678Z" }),
    hear("bo", "newMessage", {
      id: "$hello",
      from: "$ann",
      content: "Hello",
      timestamp: "@time",
      conversationId: "$direct",
    }),
    hear("ann", "messageStatus", { messageId: "$hello", status: "delivered" }),
    emit("bo", "messageAck", { messageId: "$hello" }),
    hear("ann", "messageStatus", { messageId: "$hello", status: "read" }),

    // What is delivered to somebody who looks is read.
    emit("ann", "privateMessage", { to: "$bo", content: "Still there?", timestamp: "2026-01-02T03:04:06Z" }),
    hear("bo", "newMessage", {
      id: "$still",
      from: "$ann",
      content: "Still there?",
      timestamp: "@time",
      conversationId: "$direct",
    }),
    hear("ann", "messageStatus", { messageId: "$still", status: "delivered" }),
    emit("bo", "activityChange", { isActive: true }),
    hear("ann", "presenceUpdate", { userId: "$bo", status: "online" }),
    hear("ann", "messageStatus", { messageId: "$still", status: "read" }),
    emit(
      "ann",
      "privateMessage",
      { to: "$bo", content: "Good", timestamp: "2026-01-02T03:04:07Z" },
      {
        ok: true,
        id: "$good",
        messageId: "$good",
        conversationId: "$direct",
        timestamp: "@time",
      },
    ),
    hear("bo", "newMessage", {
      id: "$good",
      from: "$ann",
      content: "Good",
      timestamp: "@time",
      conversationId: "$direct",
    }),
    hear("ann", "messageStatus", { messageId: "$good", status: "read" }),

    leave("bo"),
    hear("ann", "presenceUpdate", { userId: "$bo", status: "offline" }),
    emit("ann", "privateMessage", { to: "$bo", content: "For later" }),
    connect("bo"),
    emit("bo", "register", { userId: "$bo", authToken: "$bo.token" }),
    hear("bo", "newMessage", {
      id: "$later",
      from: "$ann",
      content: "For later",
      timestamp: "@time",
      conversationId: "$direct",
    }),
  ],
};
