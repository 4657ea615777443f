import type { Conversation, Me, Presence } from "@confab/contract";
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type {
  ChatEventName,
  ChatEventPayload,
  ConnectionStatus,
  ConversationHandle,
  ConversationList,
  MessageList,
  OutboxItem,
  Readable,
} from "../types.ts";
import { useChat } from "./provider.ts";

/** The present value; the component renders again when it changes. */
export function useReadable<T>(readable: Readable<T>): T {
  return useSyncExternalStore(readable.subscribe, readable.getSnapshot, readable.getSnapshot);
}

/** As `useReadable`, but renders again only when what `select` returns changes (by `Object.is`). */
export function useSelected<T, S>(readable: Readable<T>, select: (value: T) => S): S {
  const get = () => select(readable.getSnapshot());
  return useSyncExternalStore(readable.subscribe, get, get);
}

export const useConnection = (): ConnectionStatus => useReadable(useChat().connection);
export const useMe = (): Me | null => useReadable(useChat().me);
export const useConversations = (): ConversationList => useReadable(useChat().conversations);
export const useOutbox = (): OutboxItem[] => useReadable(useChat().outbox);

/** The handle (for its methods) and the details, null until known. Opens nothing. */
export function useConversation(conversationId: string): {
  conversation: ConversationHandle;
  details: Conversation | null;
} {
  const conversation = useChat().conversation(conversationId);
  return { conversation, details: useReadable(conversation.details) };
}

/** The messages of a conversation, which is open (on screen) while the component is mounted. */
export function useMessages(conversationId: string, options?: { autoRead?: boolean }): MessageList {
  const conversation = useChat().conversation(conversationId);
  const autoRead = options?.autoRead ?? false;
  useEffect(() => conversation.open({ autoRead }), [conversation, autoRead]);
  return useReadable(conversation.messages);
}

/** User ids of the others who are typing. */
export const useTyping = (conversationId: string): string[] =>
  useReadable(useChat().conversation(conversationId).typing.users);

/** Follows the person while mounted; null until known. */
export function usePresence(userId: string): Presence | null {
  const { presence } = useChat();
  useEffect(() => presence.watch([userId]), [presence, userId]);
  return useReadable(presence.of(userId));
}

/** Calls the latest `listener` for each event while mounted. */
export function useChatEvent<N extends ChatEventName>(
  event: N,
  listener: (payload: ChatEventPayload<N>) => void,
): void {
  const chat = useChat();
  const latest = useEffectEvent(listener);
  useEffect(() => chat.on(event, (payload) => latest(payload)), [chat, event]);
}
