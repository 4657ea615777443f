/** The page of seed 001: pairs of numbers, and a message in an envelope. */
export function start({ io, show, say, note, me, peer, token }) {
  const conversationId = `conv_${me}_${peer}`;
  const socket = io({ auth: { token } });
  socket.on("connect", () => socket.emit("join_conversation", { conversationId }));
  socket.on("new_message", ({ message, conversationId: id }) => {
    show(message.message_text);
    if (message.sender_id !== Number(me)) socket.emit("mark_read", { conversationId: id });
  });
  socket.on("message_read", () => say("read"));
  socket.on("user_typing", ({ userName }) => note(`${userName} is typing`));
  socket.on("user_stopped_typing", () => note(""));
  socket.on("user_online", () => say("online"));
  socket.on("user_offline", () => say("offline"));
  socket.on("error", ({ message }) => say(message));
  return {
    typing: () => socket.emit("typing", { conversationId }),
    send(messageText) {
      socket.emit("send_message", { conversationId, messageText, messageType: "text", attachmentUrl: null });
      socket.emit("stop_typing", { conversationId });
    },
  };
}
