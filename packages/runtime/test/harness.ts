import { randomBytes } from "node:crypto";
import { redisNames } from "@confab/contract/internal";
import { createLogger, createMetrics } from "../src/index.ts";

const url = process.env.TEST_REDIS_REALTIME_URL;
if (!url) throw new Error("TEST_REDIS_REALTIME_URL is not set: `npm test -- int` starts the stores");

export const REDIS_URL = url;
export const log = createLogger({ service: "test", level: "silent" });
export const metrics = () => createMetrics("test");
/** Keys of one test alone; all that is written under them expires. */
export const uniqueNames = () => redisNames(`test-${randomBytes(6).toString("hex")}`);
