import type { Message } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { seededRandom } from "./testing/fake-clock.ts";
import { opened } from "./testing/opened.ts";

describe("convergence", () => {
  it.each(Array.from({ length: 40 }, (_, index) => index + 1))(
    "converges on the server's history whatever the network does (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      const fake = await opened((server) => {
        server.pageSize = 3;
      });
      const { server, room } = fake;
      const late: (() => void)[] = [];
      server.onFrame = (_name, _payload, deliver) => {
        const dice = random();
        if (dice < 0.2) return;
        if (dice < 0.35) late.push(deliver);
        else deliver();
        if (dice > 0.9) deliver();
      };
      server.fate = (name) =>
        name === "message:send" && random() < 0.2 ? (random() < 0.5 ? "lost" : "deaf") : "ok";
      server.duringSync = () => {
        if (random() < 0.3) fake.say("meanwhile");
      };
      const seen: number[] = [];
      room.messages.subscribe(() => {
        const seqs = room.messages
          .getSnapshot()
          .items.flatMap(({ seq, mine }) => (mine || seq === null ? [] : [seq]));
        seen.push(...seqs.filter((seq, index) => index > 0 && seq <= (seqs[index - 1] as number)));
      });
      for (let step = 0; step < 60; step++) {
        const dice = random();
        const { messages } = server.log("1");
        if (dice < 0.45) fake.say(`bob ${step}`);
        else if (dice < 0.65) room.send({ body: `ann ${step}` });
        else if (dice < 0.85 && messages.length > 0) {
          server.change("1", 1 + Math.floor(random() * messages.length), { body: `edit ${step}` });
        } else if (dice < 0.9) server.open()[0]?.drop();
        for (const deliver of late.splice(0, Math.floor(random() * 3))) deliver();
        await fake.clock.advance(Math.floor(random() * 400));
      }
      for (const deliver of late) deliver();
      await fake.clock.advance(200_000);
      const truth = server.log("1").messages;
      const shown = room.messages.getSnapshot().items;
      const pick = ({
        seq,
        revision,
        body,
      }: Pick<Message, "revision" | "body"> & { seq: number | null }) => ({
        seq,
        revision,
        body,
      });
      expect(shown.map(pick)).toEqual(truth.map(pick));
      expect(seen).toEqual([]);
      expect(fake.created).toEqual([...new Set(fake.created)].sort((one, other) => one - other));
      expect(fake.created).toEqual(truth.map(({ seq }) => seq));
      expect(fake.chat.outbox.getSnapshot()).toEqual([]);
    },
  );
});
