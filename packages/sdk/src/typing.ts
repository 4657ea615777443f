import type { Connection } from "./connection.ts";
import { type Alarm, type Ctx, createAlarm } from "./runtime.ts";
import { type ConversationState, type Store, stateOf } from "./store.ts";

/** The server drops frames beyond 1/s; receivers forget after 6 s, so one in 2 s keeps the sign alight. */
const REPEAT_MS = 2000;
const IDLE_MS = 3000;
const EXPIRY_MS = 6000;

/** Who types is a hint: volatile on the wire, forgotten by itself, never replayed. */
export interface Typing {
  keystroke(conversationId: string): void;
  stop(conversationId: string): void;
  stopAll(): void;
  onChanged(state: ConversationState, userIds: readonly string[]): void;
}

export function createTyping(ctx: Ctx, options: { store: Store; tell: Connection["tell"] }): Typing {
  const own = new Map<string, { startedAtMs: number; timer: unknown }>();
  const expiries = new Map<string, Alarm>();

  function stop(conversationId: string): void {
    const typing = own.get(conversationId);
    if (typing === undefined) return;
    ctx.clock.clearTimeout(typing.timer);
    own.delete(conversationId);
    options.tell("typing:stop", { conversationId });
  }

  return {
    stop,
    stopAll() {
      for (const conversationId of [...own.keys()]) stop(conversationId);
    },
    keystroke(conversationId) {
      const typing = own.get(conversationId);
      const now = ctx.clock.now();
      if (typing !== undefined) ctx.clock.clearTimeout(typing.timer);
      const isDue = typing === undefined || now - typing.startedAtMs >= REPEAT_MS;
      if (isDue) options.tell("typing:start", { conversationId });
      own.set(conversationId, {
        startedAtMs: isDue ? now : typing.startedAtMs,
        timer: ctx.clock.setTimeout(() => stop(conversationId), IDLE_MS),
      });
    },
    onChanged(state, userIds) {
      const others = userIds.filter((userId) => userId !== options.store.myId);
      const held = state.typing.getSnapshot();
      const expiry = expiryOf(state.id);
      expiry.cancel();
      if (others.length > 0) expiry.arm(EXPIRY_MS);
      if (others.join("\n") !== held.join("\n")) state.typing.set(others);
    },
  };

  function expiryOf(conversationId: string): Alarm {
    const held = expiries.get(conversationId);
    if (held !== undefined) return held;
    const alarm = createAlarm(ctx, () => stateOf(options.store, conversationId).typing.set([]));
    expiries.set(conversationId, alarm);
    return alarm;
  }
}
