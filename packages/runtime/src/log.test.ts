import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { createLogger } from "./log.ts";

it("never writes bodies or credentials, also not inside other things", () => {
  let written = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  const log = createLogger({ service: "test", level: "info" }, sink);
  log.info(
    { body: "canary", message: { body: "canary" }, password: "canary", auth: { token: "canary" } },
    "sent",
  );
  expect(written).toContain('"service":"test"');
  expect(written).not.toContain("canary");
});
