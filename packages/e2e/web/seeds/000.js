/** The page of seed 000: registers after connecting, sends to a person, shows what it sends by itself. */
export function start({ io, show, say, note, me, peer, token, conversation }) {
  const socket = io();
  socket.on("connect", () => socket.emit("register", { userId: me, authToken: token }));
  socket.on("newMessage", ({ id, from, content }) => {
    if (from !== me) socket.emit("messageAck", { messageId: id });
    show(content);
  });
  socket.on("messageStatus", ({ status }) => say(status));
  socket.on("typingIndicator", ({ isTyping }) => note(isTyping ? "typing" : ""));
  socket.on("presenceUpdate", ({ status }) => say(status));
  window.addEventListener("focus", () => socket.emit("activityChange", { isActive: true }));
  window.addEventListener("blur", () => socket.emit("activityChange", { isActive: false }));
  return {
    typing: () => socket.emit("typingStart", { conversationId: conversation }),
    send(content) {
      socket.emit("privateMessage", { to: peer, content, timestamp: new Date() });
      socket.emit("typingStop", { conversationId: conversation });
      show(content);
    },
  };
}
