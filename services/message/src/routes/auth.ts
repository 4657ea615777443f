import type { HttpServer } from "@confab/runtime";
import type { MessageContext } from "../context.ts";

export function registerAuthRoutes(_app: HttpServer, _ctx: MessageContext): void {}
