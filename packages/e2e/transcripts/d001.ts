import { connect, emit, hear, leave, type Transcript } from "./script.ts";

const message = (id: string, from: string, text: string, to: string | null = "#bo") => ({
  message_id: `#${id}`,
  sender_id: `#${from}`,
  receiver_id: to,
  message_text: text,
  message_type: "text",
  attachment_url: null,
  is_read: false,
  read_at: null,
  created_at: "@time",
});

export const d001: Transcript = {
  seed: "001",
  steps: [
    connect("ann", { token: "$ann.token" }),
    emit("ann", "join_conversation", { conversationId: "conv_{ann}_{bo}" }),
    connect("bo", { token: "$bo.token" }),
    emit("bo", "join_conversation", { conversationId: "#direct" }),
    hear("ann", "user_online", { userId: "#bo" }),
    hear("bo", "user_online", { userId: "#ann" }),

    emit("bo", "typing", { conversationId: "#direct" }),
    hear("ann", "user_typing", { conversationId: "#direct", userId: "#bo", userName: "bo" }),
    emit("bo", "stop_typing", { conversationId: "#direct" }),
    hear("ann", "user_stopped_typing", { conversationId: "#direct", userId: "#bo" }),

    emit("ann", "send_message", {
      conversationId: "conv_{ann}_{bo}",
      messageText: "Hello",
      messageType: "text",
      attachmentUrl: null,
    }),
    hear("bo", "new_message", { message: message("hello", "ann", "Hello"), conversationId: "#direct" }),
    hear("ann", "new_message", { message: message("hello", "ann", "Hello"), conversationId: "#direct" }),
    emit("bo", "mark_read", { conversationId: "#direct" }),
    hear("ann", "message_read", { conversationId: "#direct", userId: "#bo" }),

    emit("bo", "send_message", {
      conversationId: "#direct",
      messageText: "A photo",
      messageType: "image",
      attachmentUrl: "https://example.com/garden.jpg",
    }),
    hear("ann", "new_message", {
      message: {
        ...message("photo", "bo", "A photo", "#ann"),
        message_type: "image",
        attachment_url: "https://example.com/garden.jpg",
      },
      conversationId: "#direct",
    }),
    // The other name of the same event.
    emit("ann", "message_read", { conversationId: "conv_{ann}_{bo}" }),
    hear("bo", "message_read", { conversationId: "#direct", userId: "#ann" }),

    emit("bo", "join_conversation", { conversationId: "conv_{ann}_{cy}" }),
    hear("bo", "error", { message: "@any", code: "not_found", reason: "conversation" }),

    emit("bo", "leave_conversation", { conversationId: "#direct" }),
    leave("bo"),
    hear("ann", "user_offline", { userId: "#bo" }),
    emit("ann", "send_message", {
      conversationId: "#direct",
      messageText: "For later",
      messageType: "text",
      attachmentUrl: null,
    }),
    // One that says nothing at all is served all the same.
    connect("bo", { token: "$bo.token" }),
    hear("bo", "new_message", { message: message("later", "ann", "For later"), conversationId: "#direct" }),
  ],
};
