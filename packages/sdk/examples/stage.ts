import type { ChatClient, Readable } from "@confab/sdk";

/** What every example finds: two people who are online and have a conversation with each other. */
export interface Stage {
  url: string;
  /** Your product's own way to a token for you. */
  fetchToken(): Promise<string>;
  /** You. */
  chat: ChatClient;
  /** The device of somebody else. */
  friend: ChatClient;
  friendId: string;
  conversationId: string;
}

/** Resolves once a readable shows what is waited for; what a component does by rendering. */
export function shows<T>(readable: Readable<T>, isShown: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const look = (): void => {
      const value = readable.getSnapshot();
      if (!isShown(value)) return;
      undo();
      resolve(value);
    };
    const undo = readable.subscribe(look);
    queueMicrotask(look);
  });
}
