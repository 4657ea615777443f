import { until } from "@confab/testkit";
import { online, signUp } from "../people.ts";
import type { Scenario } from "./index.ts";

export const typingExpires: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [from, to] = [await online(alice, 0), await online(bo, 1)];
  const id = await from.openDirect(bo.userId);
  const typists = () => to.conversation(id).typing.users.getSnapshot();
  const typing = (count: number) =>
    until(() => typists().length === count, {
      timeoutMs: 20_000,
      describe: () => `${count} typing; ${typists()}`,
    });

  from.conversation(id).typing.keystroke();
  await typing(1);
  from.conversation(id).typing.stop();
  await typing(0);

  from.conversation(id).typing.keystroke();
  await typing(1);
  // Nobody says stop: the server's own expiry and the client's end it.
  await typing(0);
};
