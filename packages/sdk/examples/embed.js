import { createChatClient } from "@confab/sdk";
/** Ten lines that put a conversation into a product: sign in with its token, show what is said, say something. */
export async function embed(url, token, render = () => {}) {
  const chat = createChatClient({ url, getToken: () => token });
  chat.connect();
  const room = chat.conversation(await chat.createGroup({ title: "Order 4711", memberIds: [] }));
  room.messages.subscribe(() => render(room.messages.getSnapshot().items));
  const close = room.open({ autoRead: true });
  const { delivered } = room.send({ body: "Where is my parcel?" });
  const message = await delivered;
  close();
  await chat.disconnect();
  return message.id;
}
//# sourceMappingURL=embed.js.map
