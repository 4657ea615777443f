import { z } from "zod";
import { Conversation, ConversationSettings, Role, wellFormed } from "./entities.ts";
import { ConversationId, UserId } from "./ids.ts";
import { LIMITS } from "./limits.ts";

export const Title = wellFormed(z.string().trim().min(1).max(LIMITS.titleLength));
export const WebUrl = z.url({ protocol: /^https?$/ }).max(2048);

export const CreateConversation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("direct"), userId: UserId }),
  z.strictObject({
    kind: z.literal("group"),
    title: Title,
    memberIds: z.array(UserId).max(LIMITS.membersPerCreate),
    ...ConversationSettings.partial().shape,
  }),
]);
export type CreateConversation = z.infer<typeof CreateConversation>;

/** What `history` was when the group was made stays: who joined trusted in it. */
export const ConversationChange = z.strictObject({
  title: Title.optional(),
  avatarUrl: WebUrl.nullish(),
  ...ConversationSettings.omit({ history: true }).partial().shape,
});
export type ConversationChange = z.infer<typeof ConversationChange>;

const MemberRef = z.strictObject({ conversationId: ConversationId, userId: UserId });
const Changed = z.object({ conversation: Conversation });

/** What is done with conversations and their members; each is the twin of a REST route. */
export const GROUP_COMMANDS = {
  "conversation:create": {
    about: "Make a group, or open the direct conversation with somebody (the same one for ever).",
    payload: CreateConversation,
    ack: Changed,
    limit: "change",
  },
  "conversation:update": {
    about: "Rename a group, change its picture or its settings.",
    payload: ConversationChange.extend({ conversationId: ConversationId }),
    ack: Changed,
    limit: "change",
  },
  "member:add": {
    about: "Add a person to a group (admins and moderators).",
    payload: MemberRef,
    ack: Changed,
    limit: "change",
  },
  "member:change": {
    about: "Give a member another role (admins); the last admin stays one.",
    payload: MemberRef.extend({ role: Role }),
    ack: Changed,
    limit: "change",
  },
  "member:remove": {
    about: "Take a person out of a group, or leave it yourself.",
    payload: MemberRef,
    ack: z.object({}),
    limit: "change",
  },
} as const;
