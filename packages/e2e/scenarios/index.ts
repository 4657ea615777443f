import type { Cluster } from "../cluster.ts";
import { blockBothWays } from "./block.ts";
import { concurrentDirects } from "./concurrent-directs.ts";
import { deleteForMe } from "./delete-for-me.ts";
import { draftsFollow } from "./drafts.ts";
import { groupOfHundred } from "./group-of-hundred.ts";
import { markUnread } from "./mark-unread.ts";
import { offlineReturn } from "./offline-return.ts";
import { ownSettings } from "./own-settings.ts";
import { statusAndPrivacy } from "./people.ts";
import { presenceTransitions } from "./presence.ts";
import { publishByService } from "./publish.ts";
import { readState } from "./read-state.ts";
import { groupRules } from "./rules.ts";
import { searchFinds } from "./search.ts";
import { sendAndReceive } from "./send-and-receive.ts";
import { threadsBeside } from "./threads.ts";
import { typingExpires } from "./typing.ts";
import { versionsKept } from "./versions.ts";

/** Closes what it opened when `cleanup` is disposed of; throws when the promise that it is about is broken. */
export type Scenario = (cluster: Cluster, cleanup: AsyncDisposableStack) => Promise<void>;

/** The same on one gateway and on three. */
export const SCENARIOS: Record<string, Scenario> = {
  "a message reaches the other person on another gateway, in order, once": sendAndReceive,
  "three devices of one person agree on what was read": readState,
  "who was away gets all they missed, 5,000 messages behind": offlineReturn,
  "a hundred members hear each other": groupOfHundred,
  "typing is shown, and ends by itself": typingExpires,
  "presence goes online, idle, back and offline": presenceTransitions,
  "a status reaches those who may see it, ends, and do-not-disturb holds": statusAndPrivacy,
  "fifty concurrent creates give one direct conversation": concurrentDirects,
  "a service's publication reaches sockets and those who are away": publishByService,
  "marked unread on one device is unread on all of one's own, and nobody else hears": markUnread,
  "what is pinned, muted and archived is one's own on every device": ownSettings,
  "a draft follows a person, and none is lost to another device": draftsFollow,
  "what one deletes for oneself is gone from all of one's devices, and there for others": deleteForMe,
  "search finds what one may see, as it reads now": searchFinds,
  "a thread runs beside its conversation": threadsBeside,
  "what was edited is kept for those who moderate; a custom message names its schema": versionsKept,
  "a block hides two people from each other, and does not tell": blockBothWays,
  "a group's rules hold at once, and who is banned hears no more": groupRules,
};
