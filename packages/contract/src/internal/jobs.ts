import { z } from "zod";
import { UserId } from "../ids.ts";

/** One job per person who is owed; what exactly is owed is read from the watermarks when it runs. */
export const DeliverJob = z.strictObject({ userId: UserId });
export type DeliverJob = z.infer<typeof DeliverJob>;
