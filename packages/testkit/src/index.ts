export { createManualClock, type ManualClock } from "./clock.ts";
export { type Cut, createCut } from "./cut.ts";
export {
  insertConversation,
  insertMessages,
  insertServiceToken,
  insertUser,
  insertUsers,
  type NewConversation,
  type NewMessages,
  type NewServiceToken,
  type NewUser,
  type Place,
} from "./factories.ts";
export { createTestStores, type TestStores } from "./infra.ts";
export { createRandom, type Random, withRandom } from "./random.ts";
export { type Stopwatch, startStopwatch } from "./stopwatch.ts";
export { type UntilOptions, until } from "./until.ts";
