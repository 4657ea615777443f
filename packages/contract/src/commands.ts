import { z } from "zod";
import { Body, fitsUtf8, Message, MessageKind, Metadata, SchemaId } from "./entities.ts";
import { ClientMessageId, ConversationId, MessageId, Seq, UserId } from "./ids.ts";
import { LIMITS } from "./limits.ts";

/** Kinds that a person may send; `system` is written by Confab itself. */
export const SendableKind = MessageKind.exclude(["system"]);

const content = {
  kind: SendableKind.default("text"),
  body: Body.nullable().default(null),
  metadata: Metadata.nullish(),
  schemaId: SchemaId.nullish(),
  replyToId: MessageId.nullish(),
  threadRootId: MessageId.nullish(),
  mentions: z.array(UserId).max(LIMITS.mentionsPerMessage).nullish(),
  attachmentIds: z.array(z.string().max(64)).max(LIMITS.attachmentsPerMessage).nullish(),
};

interface Content {
  kind: MessageKind;
  body: string | null;
  attachmentIds?: string[] | null;
}

/** Text needs words; other kinds may live by their attachments or metadata alone. */
export const hasContent = (message: Content): boolean =>
  message.kind === "text" ? message.body !== null && message.body.trim() !== "" : true;
const contentRule = { message: "a text message needs a body", path: ["body"] };

interface Custom {
  kind: MessageKind;
  metadata?: Record<string, unknown> | null | undefined;
  schemaId?: string | null | undefined;
}

/** A custom message says by which schema, and only such a one does; it alone may be large. */
export const namesSchema = ({ kind, schemaId }: Custom): boolean =>
  (kind === "custom") === (schemaId != null);
const schemaRule = { message: "a custom message names its schema, others do not", path: ["schemaId"] };
export const fitsKind = ({ kind, metadata }: Custom): boolean =>
  kind === "custom" || metadata == null || fitsUtf8(JSON.stringify(metadata), LIMITS.metadataBytes);
const sizeRule = {
  message: `at most ${LIMITS.metadataBytes} bytes of JSON`,
  path: ["metadata"],
  params: { code: "too_large" },
};

export interface Destination {
  conversationId?: string | null;
  to?: string | null;
}
export const hasOneDestination = (target: Destination): boolean =>
  (target.conversationId == null) !== (target.to == null);
const destinationRule = { message: "give either conversationId or to", path: ["conversationId"] };

/** `message:send`: `to` names a user and opens the direct conversation with them. */
export const SendMessage = z
  .strictObject({
    conversationId: ConversationId.nullish(),
    to: UserId.nullish(),
    clientMessageId: ClientMessageId,
    clientSentAt: z.iso.datetime({ offset: true }).nullish(),
    ...content,
  })
  .refine(hasOneDestination, destinationRule)
  .refine(hasContent, contentRule)
  .refine(namesSchema, schemaRule)
  .refine(fitsKind, sizeRule);
export type SendMessage = z.infer<typeof SendMessage>;

/** The REST form: the conversation is in the path, the key may come as `Idempotency-Key`. */
export const SendMessageBody = z
  .strictObject({
    clientMessageId: ClientMessageId.nullish(),
    clientSentAt: z.iso.datetime({ offset: true }).nullish(),
    ...content,
  })
  .refine(hasContent, contentRule)
  .refine(namesSchema, schemaRule)
  .refine(fitsKind, sizeRule);

export const SendReceipt = z.object({ message: Message, duplicate: z.boolean() });
export type SendReceipt = z.infer<typeof SendReceipt>;

export const EditMessageBody = z.strictObject({
  body: Body.refine((body) => body.trim() !== "", { message: "a body cannot be blank; delete the message" }),
  expectedRevision: Seq.nullish(),
  /** Whom the new words name; absent: as it was. */
  mentions: content.mentions,
});
export const EditMessage = EditMessageBody.extend({ messageId: MessageId });
export type EditMessage = z.infer<typeof EditMessage>;

export const DeleteScope = z.enum(["everyone", "me"]);
export const DeleteMessage = z.strictObject({
  messageId: MessageId,
  scope: DeleteScope.default("everyone"),
});
export type DeleteMessage = z.infer<typeof DeleteMessage>;

export const MessageRef = z.strictObject({ messageId: MessageId });

/** One emoji with its modifiers, or a short name of the host product's own (`:ship_it:`). */
export const Emoji = z.string().min(1).max(32).regex(/^\S+$/u);
export const ReactionRef = z.strictObject({ messageId: MessageId, emoji: Emoji });
export type ReactionRef = z.infer<typeof ReactionRef>;

/** One publication by an internal service; its key is `clientMessageId`, else `Idempotency-Key` and its index. */
export const PublishItem = z
  .strictObject({
    conversationId: ConversationId.nullish(),
    to: UserId.nullish(),
    clientMessageId: ClientMessageId.nullish(),
    senderId: UserId.nullish(),
    kind: MessageKind.default("text"),
    body: content.body,
    metadata: content.metadata,
    schemaId: content.schemaId,
    replyToId: content.replyToId,
    threadRootId: content.threadRootId,
  })
  .refine(hasOneDestination, destinationRule)
  .refine(hasContent, contentRule)
  .refine(namesSchema, schemaRule)
  .refine(fitsKind, sizeRule);
export type PublishItem = z.infer<typeof PublishItem>;
