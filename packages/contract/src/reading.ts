import { z } from "zod";
import { Body, PersonalState, Timestamp, User, Watermarks } from "./entities.ts";
import { ConversationId, MessageId, Revision, Seq } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { Until } from "./people.ts";

/** What somebody has typed and not sent; empty once it was cleared. */
export const Draft = z
  .object({
    conversationId: ConversationId,
    threadRootId: MessageId.nullable(),
    revision: Revision,
    body: z.string(),
    replyToId: MessageId.nullable(),
    updatedAt: Timestamp,
  })
  .meta({ id: "Draft" });
export type Draft = z.infer<typeof Draft>;

/** A message that the person deleted for themself; `revision` is the person's own. */
export const HiddenMessage = z
  .object({ conversationId: ConversationId, messageId: MessageId, seq: Seq, revision: Revision })
  .meta({ id: "HiddenMessage" });
export type HiddenMessage = z.infer<typeof HiddenMessage>;

const personal = {
  mutedUntil: Until.nullish(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
};
export const SetPersonalBody = z.strictObject(personal);
export const SetPersonal = SetPersonalBody.extend({ conversationId: ConversationId });
export type SetPersonal = z.infer<typeof SetPersonal>;

/** `baseRevision`: the draft that the text was made from; if another device has written since, it is a conflict. */
export const SetDraftBody = z.strictObject({
  body: Body,
  threadRootId: MessageId.nullish(),
  replyToId: MessageId.nullish(),
  baseRevision: Revision.optional(),
});
export const SetDraft = SetDraftBody.extend({ conversationId: ConversationId });
export type SetDraft = z.infer<typeof SetDraft>;

export const PersonalSyncRequest = z.strictObject({ after: Revision });
/** All that is the person's own and changed after a revision; ask again from `revision` while `hasMore`. */
export const PersonalSyncReply = z.object({
  revision: Revision,
  states: z.array(PersonalState),
  drafts: z.array(Draft),
  hidden: z.array(HiddenMessage),
  hasMore: z.boolean(),
});
export type PersonalSyncReply = z.infer<typeof PersonalSyncReply>;

/** Who has seen a message: people, without its sender. Up to 200 members they are named, in larger groups counted. */
export const Readers = z
  .object({ readCount: z.int(), deliveredCount: z.int(), users: z.array(User).max(LIMITS.readersNamed) })
  .meta({ id: "Readers" });
export type Readers = z.infer<typeof Readers>;

const UnreadMark = z.strictObject({ conversationId: ConversationId, seq: Seq.min(1) });
export const MarkedAll = z.object({ conversations: z.int() });

/** Spread into `COMMANDS`. */
export const READING_COMMANDS = {
  "receipt:readMessage": {
    about: "The person has seen everything up to this message.",
    payload: z.strictObject({ messageId: MessageId }),
    ack: Watermarks,
    limit: "receipt",
  },
  "receipt:readAll": {
    about: "The person has seen everything there is, in every conversation and thread.",
    payload: z.strictObject({}),
    ack: MarkedAll,
    limit: "change",
  },
  "receipt:unread": {
    about: "Mark unread from `seq` on, for yourself alone: no watermark goes back.",
    payload: UnreadMark,
    ack: z.object({ state: PersonalState }),
    limit: "change",
  },
  "message:readers": {
    about: "Who has seen a message.",
    payload: z.strictObject({ messageId: MessageId }),
    ack: Readers,
    limit: "read",
  },
  "personal:set": {
    about: "Mute (until a time), pin or archive a conversation for yourself.",
    payload: SetPersonal,
    ack: z.object({ state: PersonalState }),
    limit: "change",
  },
  "personal:sync": {
    about:
      "What of your own changed after a revision: `personalRevision` of `ready` and of the heads is the newest.",
    payload: PersonalSyncRequest,
    ack: PersonalSyncReply,
    limit: "read",
  },
  "draft:set": {
    about: "Keep what you have typed, for all of your devices; empty clears it.",
    payload: SetDraft,
    ack: z.object({ draft: Draft }),
    limit: "change",
  },
} as const;

/** Spread into `EVENTS`. */
export const READING_EVENTS = {
  "personal:updated": {
    about: "You muted, pinned, archived or marked a conversation, on any of your devices.",
    payload: z.object({ state: PersonalState }),
  },
  "draft:updated": {
    about: "You typed on another device, or sent it, which clears the draft.",
    payload: z.object({ draft: Draft }),
  },
  "message:hidden": {
    about: "You deleted a message for yourself, on any of your devices: it is no longer there for you.",
    payload: HiddenMessage,
  },
} as const;
