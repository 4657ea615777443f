/** The page of seed 003: bodies that the server cannot read, and acks. Its cipher stands for a real one. */
const seal = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
const unseal = (body) => new TextDecoder().decode(Uint8Array.from(atob(body), (c) => c.codePointAt(0)));

export function start({ io, show, say, note, token, sealed, conversation: conversationId }) {
  const socket = io({ auth: { token }, reconnectionAttempts: 5 });
  socket.on("connect", () => socket.emit("presence:online"));
  socket.on("chat:message_received", (message) => {
    show(message.is_encrypted ? unseal(message.content_encrypted) : message.content_encrypted);
    socket.emit("chat:message_delivered", { messageId: message.id });
    socket.emit("chat:message_read", { messageId: message.id });
  });
  socket.on("chat:user_typing", ({ username, isTyping }) => note(isTyping ? `${username} is typing` : ""));
  socket.on("chat:message_status_updated", ({ status }) => say(status));
  socket.on("user:status_changed", ({ status }) => say(status));
  return {
    typing: () => socket.emit("chat:typing", { conversationId, isTyping: true }),
    send(text) {
      socket.emit("chat:typing", { conversationId, isTyping: false });
      const body = sealed ? { contentEncrypted: seal(text) } : { content: text };
      socket.emit("chat:message_send", { conversationId, ...body }, ({ success, error }) => {
        if (success) show(text);
        else say(error);
      });
    },
  };
}
