import { runMain } from "@confab/runtime";
import { createGateway, readConfig } from "./index.ts";

await runMain(async () => createGateway(readConfig(process.env)));
