/**
 * A transcript: what clients that know only a seed's words say, and all that they hear. Placeholders: `$x` is a value of
 * the stage or, in what is heard, one that is bound there; `#x` is the same as a number; `{x}` stands inside a string;
 * `@time` is any time as ISO 8601, `@any` anything.
 */
export interface Connect {
  who: string;
  connect: object;
}
export interface Emit {
  who: string;
  emit: string;
  payload?: unknown;
  /** What the callback must be called with; absent: no callback is passed. */
  ack?: unknown;
}
export interface Hear {
  who: string;
  hear: string;
  payload: unknown;
}
export interface Leave {
  who: string;
  leave: true;
}
export interface Refused {
  who: string;
  refused: object;
}
export type Step = Connect | Emit | Hear | Leave | Refused;

export interface Transcript {
  seed: string;
  steps: Step[];
}

/** Clients are called `<person>` or `<person>.<device>`: who they are decides on which gateway they are. */
export const connect = (who: string, auth: object = {}): Step => ({ who, connect: auth });
export const emit = (who: string, event: string, payload?: unknown, ack?: unknown): Step => ({
  who,
  emit: event,
  ...(payload !== undefined && { payload }),
  ...(ack !== undefined && { ack }),
});
export const hear = (who: string, event: string, payload: unknown): Step => ({ who, hear: event, payload });
export const leave = (who: string): Step => ({ who, leave: true });
export const refused = (who: string, auth: object): Step => ({ who, refused: auth });
