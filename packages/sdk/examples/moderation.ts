import type { ChatError } from "@confab/sdk";
import { type Stage, shows } from "./stage.ts";

/** From here on nothing passes between two people, until it does again. */
export async function blockSomebody({ chat, friendId, conversationId }: Stage) {
  await chat.moderation.block(friendId);
  const room = chat.conversation(conversationId);
  const refused = await room.send({ body: "Hello?" }).delivered.catch((error: ChatError) => error.reason);
  const { items } = await chat.moderation.blocks({ limit: 20 });
  await chat.moderation.unblock(friendId);
  await room.send({ body: "Hello again" }).delivered;
  return { refused, blocked: items.map(({ user }) => user.id === friendId) };
}

/** A group in which only its admins and moderators post, then one in which everybody does, now and then. */
export async function setTheRules({ chat, friendId }: Stage) {
  const memberIds = [friendId];
  const id = await chat.createGroup({ title: "News", memberIds, announcement: true, history: "joining" });
  const room = chat.conversation(id);
  await room.update({ announcement: false, slowModeSeconds: 30 });
  const details = await shows(room.details, (group) => group?.settings.announcement === false);
  return details?.settings;
}

/** Reports what somebody else said; a moderator looks at it as it was, and decides. */
export async function reportAndDecide({ chat, friend, friendId }: Stage) {
  const id = await chat.createGroup({ title: "Market", memberIds: [friendId] });
  const message = await friend.conversation(id).send({ body: "Cheap watches!" }).delivered;
  await chat.moderation.report(message.id, { category: "spam", comment: "Every day" });
  await friend.conversation(id).delete(message.id);
  const { items } = await chat.moderation.reports(id, { state: "open" });
  const reportId = items[0]?.id ?? "";
  const { evidence } = await chat.moderation.reportDetails(reportId);
  const decided = await chat.moderation.handleReport(reportId, { state: "resolved", note: "Warned" });
  return { said: evidence.at(-1)?.body, state: decided.state };
}

/** Takes somebody out of a group for a day, lets them in again, and leaves a trail. */
export async function banSomebody({ chat, friendId }: Stage) {
  const id = await chat.createGroup({ title: "Market", memberIds: [friendId] });
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  await chat.moderation.ban(id, friendId, { reason: "Advertising", expiresAt });
  const bans = await chat.moderation.bans(id);
  await chat.moderation.unban(id, friendId);
  await chat.conversation(id).addMember(friendId);
  const audit = await chat.moderation.audit(id);
  return { bans: bans.items.map(({ reason }) => reason), audit: audit.items.map(({ action }) => action) };
}
