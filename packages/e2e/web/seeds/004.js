/** The page of seed 004: authenticates after connecting, and resolves what it sends with the message. */
export function start({ io, show, say, note, me, token, conversation: roomId }) {
  const socket = io();
  socket.on("connect", () => {
    socket.emit("authenticate", { token });
    socket.emit("join_room", { roomId });
  });
  socket.on("new_message", ({ message }) => {
    show(message.content);
    if (message.senderId !== me) socket.emit("mark_as_read", { roomId, messageId: message.id });
  });
  socket.on("messages_read", () => say("read"));
  socket.on("user_typing", ({ userName }) => note(`${userName} is typing`));
  socket.on("user_stopped_typing", () => note(""));
  socket.on("user_online", () => say("online"));
  socket.on("user_offline", () => say("offline"));
  socket.on("error", ({ message }) => say(message));
  return {
    typing: () => socket.emit("typing_start", { roomId }),
    async send(content) {
      socket.emit("typing_stop", { roomId });
      const { content: stored } = await socket.emitWithAck("send_message", { roomId, content, type: "text" });
      show(stored);
    },
  };
}
