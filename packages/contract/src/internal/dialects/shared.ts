import { z } from "zod";
import { ChatError } from "../../chat-error.ts";
import type { Message } from "../../entities.ts";
import { ConversationId, MessageId, UserId } from "../../ids.ts";
import type { Facts, Place } from "./dialect.ts";

/** Ids as older clients write them: numbers, or strings of digits. */
const decimal = <T extends z.ZodType<string, string>>(id: T) =>
  z
    .union([z.string().max(64), z.int().positive()])
    .transform(String)
    .pipe(id);
export const AnyConversationId = decimal(ConversationId);
export const AnyMessageId = decimal(MessageId);
export const AnyUserId = decimal(UserId);
export const Text = z.string();
export const Nothing = z.unknown();

const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;
/** A number for clients that count in numbers; an id that is not decimal stays the string that it is. */
export const numeric = (id: string): number | string =>
  DECIMAL.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : id;

/** Any form of time that JavaScript writes, as ISO 8601 in UTC; what is none is refused. */
export const AnyTime = z
  .union([z.string().max(64), z.number()])
  .transform((value) => new Date(value))
  .refine(
    (date) => !Number.isNaN(date.getTime()) && date.getUTCFullYear() > 0 && date.getUTCFullYear() < 10_000,
  )
  .transform((date) => date.toISOString());

export const SEALED_TEXT = "[Encrypted message]";

/** The address of what a message shows beside its words, where an older client put one. */
export function attachmentUrl(message: Message): string | null {
  const url = message.metadata?.attachmentUrl;
  return typeof url === "string" ? url : null;
}

/** A message in words, for clients that know nothing else. What has none is named. */
export function plainText(message: Message): string {
  if (message.kind === "sealed") return SEALED_TEXT;
  const words = [message.body, attachmentUrl(message)].filter((part) => part !== null && part !== "");
  if (words.length > 0) return words.join("\n");
  return `[${message.kind}]`;
}

/** The conversation that the word's `wants` asked for. */
export function placeOf(facts: Facts): Place {
  if (!facts.place) throw new ChatError("not_found", { reason: "conversation" });
  return facts.place;
}
