import type { HttpServer } from "@confab/runtime";
import type { MessageContext } from "../context.ts";

export function registerConversationRoutes(_app: HttpServer, _ctx: MessageContext): void {}
