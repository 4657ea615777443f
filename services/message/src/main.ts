import { runMain } from "@confab/runtime";
import { createMessageService, readConfig } from "./index.ts";

await runMain(async () => createMessageService(readConfig(process.env)));
