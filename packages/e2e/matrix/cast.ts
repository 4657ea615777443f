import { insertMessages } from "@confab/testkit";
import type { Socket } from "socket.io-client";
import { bareSocket } from "../bare-socket.ts";
import type { Cluster } from "../cluster.ts";
import { type Person, signUp } from "../people.ts";
import { rest } from "../rest.ts";

export const WHO = ["admin", "moderator", "member", "former", "stranger"] as const;
export type Who = (typeof WHO)[number];

export interface Actor extends Person {
  socket: Socket;
  call: ReturnType<typeof rest>;
}
/** `other` is a plain member, whom things are done to. */
export type Cast = Record<Who | "other", Actor>;

export async function assemble(cluster: Cluster, cleanup: AsyncDisposableStack): Promise<Cast> {
  const cast = {} as Cast;
  for (const [index, who] of [...WHO, "other" as const].entries()) {
    const person = await signUp(cluster, cleanup, who);
    const socket = await bareSocket(cluster, person, { gateway: index, cleanup });
    cast[who] = { ...person, socket, call: rest(cluster.messageUrl, await person.token()) };
  }
  return cast;
}

/** A group of its own for each cell, so that what one does cannot help or hinder another. */
export interface Scene {
  conversationId: string;
  /** By the actor, if they are or were a member; else by the admin. */
  ownId: string;
  /** By `other`, a plain member. */
  othersId: string;
  otherId: string;
  adminId: string;
  strangerId: string;
  reportId: string;
}

export async function createScene(cluster: Cluster, cast: Cast, who: Who): Promise<Scene> {
  const { admin, moderator, member, former, other } = cast;
  const memberIds = [moderator, member, former, other].map(({ userId }) => userId);
  const path = "/v1/conversations";
  const { id } = (await admin.call.post(path, { kind: "group", title: "A group", memberIds })).body;
  await admin.call.patch(`${path}/${id}/members/${moderator.userId}`, { role: "moderator" });
  const say = async (senderId: string) =>
    (await insertMessages(cluster.stores, { conversationId: id, senderId, count: 1 }))[0] as string;
  const ownId = await say((who === "stranger" ? admin : cast[who]).userId);
  const othersId = await say(other.userId);
  const report = await admin.call.post(`/v1/messages/${othersId}/reports`, { category: "spam" });
  await admin.call.delete(`${path}/${id}/members/${former.userId}`);
  return {
    conversationId: id,
    ownId,
    othersId,
    otherId: other.userId,
    adminId: admin.userId,
    strangerId: cast.stranger.userId,
    reportId: report.body.reportId,
  };
}
