import { describe, expect, it } from "vitest";
import { connectFrame, eventFrame, numberField, readFrame, textField } from "./frame.ts";

describe("frames", () => {
  it("reads what a server sends", () => {
    expect(readFrame('0{"sid":"a"}')).toEqual({ kind: "open" });
    expect(readFrame("2")).toEqual({ kind: "ping" });
    expect(readFrame("1")).toEqual({ kind: "closed" });
    expect(readFrame('40{"sid":"a"}')).toEqual({ kind: "connected" });
    expect(readFrame("41")).toEqual({ kind: "closed" });
    expect(readFrame('44{"message":"no"}')).toEqual({ kind: "refused", json: '{"message":"no"}' });
    expect(readFrame('42["message:created",{"seq":7}]')).toEqual({
      kind: "event",
      name: "message:created",
      json: '{"seq":7}',
    });
    expect(readFrame('4312[{"ok":true}]')).toEqual({ kind: "ack", id: 12, json: '{"ok":true}' });
    expect(readFrame("451-[]")).toEqual({ kind: "other" });
  });

  it("writes what a server reads", () => {
    expect(connectFrame({ token: "t" })).toBe('40{"token":"t"}');
    expect(eventFrame("message:send", "{}", 0)).toBe('420["message:send",{}]');
    expect(eventFrame("typing:start", "{}")).toBe('42["typing:start",{}]');
  });

  it("finds fields without parsing", () => {
    const json = '{"id":"9","seq":42,"body":"x","last":7}';
    expect(numberField(json, "seq")).toBe(42);
    expect(numberField(json, "last")).toBe(7);
    expect(numberField(json, "revision")).toBeNaN();
    expect(textField(json, "body")).toBe("x");
    expect(textField(json, "senderId")).toBe("");
  });
});
