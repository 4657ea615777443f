import { runMain } from "@confab/runtime";
import { createPresence, readConfig } from "./index.ts";

await runMain(async () => createPresence(readConfig(process.env)));
