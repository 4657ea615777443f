import { type ChatEventPayload, createChatClient } from "@confab/sdk";
import { type Stage, shows } from "./stage.ts";

/** One client per person and page: it reconnects by itself until it is told to leave. */
export async function connectAndLeave({ url, fetchToken }: Stage) {
  const chat = createChatClient({ url, getToken: fetchToken });
  chat.connect();
  const { state } = await shows(chat.connection, (connection) => connection.state === "online");
  const me = await shows(chat.me, (known) => known !== null);
  await chat.disconnect();
  return { state, me, left: chat.connection.getSnapshot().state };
}

/** Everything that happens, once each; for what is not a list on a screen, like a sound or a log. */
export async function listen({ chat, friend, conversationId }: Stage) {
  const heard: ChatEventPayload<"message:created">[] = [];
  const arrived = new Promise<void>((resolve) => {
    const undo = chat.on("message:created", (message) => {
      heard.push(message);
      undo();
      resolve();
    });
  });
  await friend.conversation(conversationId).send({ body: "ping" }).delivered;
  await arrived;
  return heard.map((message) => message.body);
}

/** Any route of the REST reference, typed, with the client's token. */
export async function callRest({ chat, conversationId }: Stage) {
  const params = { conversationId };
  const page = await chat.request("listMessages", { params, query: { limit: 1 } });
  return page.items.length;
}

/** Messages that wait for the connection; they are sent in order when it is back, also after a reload. */
export async function seeWhatWaits({ chat, conversationId }: Stage) {
  await chat.disconnect();
  const { clientMessageId, delivered } = chat.conversation(conversationId).send({ body: "from the tunnel" });
  const [waiting] = await shows(chat.outbox, (items) => items.length > 0);
  chat.connect();
  const message = await delivered;
  await shows(chat.outbox, (items) => items.length === 0);
  return { isSame: waiting?.clientMessageId === clientMessageId, body: message.body };
}
