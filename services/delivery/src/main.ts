import { runMain } from "@confab/runtime";
import { createDelivery, readConfig } from "./index.ts";

await runMain(async () => createDelivery(readConfig(process.env)));
