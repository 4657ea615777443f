import { expect, it } from "vitest";
import { parseMetrics } from "./counters.ts";

it("reads names and values of Prometheus' text", () => {
  const text = [
    "# HELP chat_a what it is",
    "# TYPE chat_a counter",
    'chat_a{result="ok",service="message"} 12',
    "chat_b 0.5",
    'chat_c_bucket{le="+Inf"} 3',
    "",
  ].join("\n");
  expect(parseMetrics(text)).toEqual([
    ["chat_a", 12],
    ["chat_b", 0.5],
    ["chat_c_bucket", 3],
  ]);
});
