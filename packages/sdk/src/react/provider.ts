import { createContext, createElement, type ReactNode, useContext, useEffect } from "react";
import type { ChatClient } from "../types.ts";

const ChatContext = createContext<ChatClient | null>(null);

/** Gives the client to the hooks below and keeps it connected while mounted. */
export function ChatProvider({ client, children }: { client: ChatClient; children?: ReactNode }) {
  useEffect(() => client.connect(), [client]);
  return createElement(ChatContext.Provider, { value: client }, children);
}

export function useChat(): ChatClient {
  const client = useContext(ChatContext);
  if (client === null) throw new Error("useChat needs a <ChatProvider client={…}> above it");
  return client;
}
