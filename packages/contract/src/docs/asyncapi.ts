import type { z } from "zod";
import { COMMANDS, EVENTS, Handshake } from "../events.ts";
import { describe, type JsonSchema } from "./schema.ts";

interface CommandEntry {
  about: string;
  payload: z.ZodType;
  ack?: z.ZodType;
}

/** The socket's commands, acks and events as an AsyncAPI 3.0 document. */
export function asyncApiDocument(): JsonSchema {
  const schemas: Record<string, JsonSchema> = {};
  const messages: Record<string, JsonSchema> = {};
  const operations: Record<string, JsonSchema> = {};
  const reference = (name: string) => ({ $ref: `#/channels/socket/messages/${key(name)}` });

  for (const [name, command] of Object.entries(COMMANDS) as [string, CommandEntry][]) {
    messages[key(name)] = message(name, command.about, describe(command.payload, "input", schemas));
    if (command.ack) {
      const ack = `${name}.ack`;
      messages[key(ack)] = message(ack, `Answer to ${name}.`, acknowledgement(command.ack, schemas));
    }
    operations[`receive_${key(name)}`] = {
      action: "receive",
      channel: { $ref: "#/channels/socket" },
      messages: [reference(name)],
      ...(command.ack && {
        reply: { channel: { $ref: "#/channels/socket" }, messages: [reference(`${name}.ack`)] },
      }),
    };
  }
  for (const [name, event] of Object.entries(EVENTS)) {
    messages[key(name)] = message(name, event.about, describe(event.payload, "output", schemas));
    operations[`send_${key(name)}`] = {
      action: "send",
      channel: { $ref: "#/channels/socket" },
      messages: [reference(name)],
    };
  }
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Confab",
      version: "1",
      description: "Socket.IO events of protocol 1, as seen by the server.",
    },
    channels: {
      socket: {
        address: "/socket.io/",
        description: "One Socket.IO 4 connection, WebSocket transport only.",
        messages,
      },
    },
    operations,
    components: { schemas: { ...schemas, Handshake: describe(Handshake, "input", schemas) } },
  };
}

const key = (name: string): string => name.replace(/[:.]/g, "_");

const message = (name: string, summary: string, payload: JsonSchema): JsonSchema => ({
  name,
  summary,
  payload,
});

const acknowledgement = (ack: z.ZodType, schemas: Record<string, JsonSchema>): JsonSchema => ({
  oneOf: [
    { allOf: [{ properties: { ok: { const: true } }, required: ["ok"] }, describe(ack, "output", schemas)] },
    {
      type: "object",
      properties: { ok: { const: false }, error: { $ref: "#/components/schemas/Error" } },
      required: ["ok", "error"],
    },
  ],
});
