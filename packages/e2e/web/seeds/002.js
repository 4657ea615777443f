/** The page of seed 002: a room by its number, and read marks by list. */
export function start({ io, show, say, me, token, conversation }) {
  const conversationId = Number(conversation);
  const socket = io({ auth: { token } });
  socket.on("connect", () => socket.emit("joinRoom", conversationId));
  socket.on("receiveMessage", (message) => {
    show(message.content);
    if (message.sender_id === Number(me)) return;
    socket.emit("markAsRead", { conversationId, messageIds: [message.message_id] });
  });
  socket.on("messageUpdated", ({ read_status: isRead }) => say(isRead ? "read" : ""));
  socket.on("connect_error", (error) => say(error.message));
  socket.on("messageError", ({ error }) => say(error));
  return {
    send: (content) => socket.emit("sendMessage", { conversationId, senderId: Number(me), content }),
  };
}
