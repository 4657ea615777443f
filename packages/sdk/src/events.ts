import type { Ctx } from "./runtime.ts";
import type { ChatClient, ChatEventName, ChatEventPayload } from "./types.ts";

export interface Events {
  on: ChatClient["on"];
  emit<N extends ChatEventName>(name: N, payload: ChatEventPayload<N>): void;
}

/** A listener that throws harms neither the others nor the client. */
export function createEvents(ctx: Ctx): Events {
  const listeners = new Map<string, Set<{ call: (payload: never) => void }>>();
  return {
    on(name, listener) {
      const entry = { call: listener as (payload: never) => void };
      const entries = listeners.get(name) ?? new Set();
      listeners.set(name, entries.add(entry));
      return () => {
        entries.delete(entry);
      };
    },
    emit(name, payload) {
      for (const { call } of [...(listeners.get(name) ?? [])]) {
        try {
          call(payload as never);
        } catch (error) {
          ctx.logger.warn("a listener failed", { event: name, error });
        }
      }
    },
  };
}
