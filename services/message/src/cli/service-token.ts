import { parseArgs } from "node:util";
import { ConversationId, MessageKind } from "@confab/contract";
import { createDb, createIdAllocator } from "@confab/db";
import { systemClock } from "@confab/runtime";
import { z } from "zod";
import type { ServiceActor } from "../auth.ts";
import { createServiceToken, listServiceTokens, revokeServiceToken } from "../users/manage-service-tokens.ts";

const USAGE = `Tokens for internal services that publish messages (POST /v1/publish), or that moderate.

  create --name <service> [--conversations <id,id>] [--kinds text,system] [--on-behalf] [--days <n>]
      Prints the token, once: only its hash is stored. Without --conversations and --kinds: all of them.
      --on-behalf lets its messages name another sender. Without --days it lasts until it is revoked.
  create --name <service> --moderation [--days <n>]
      A token that sees and handles all reports (/v1/moderation/*), and publishes nothing.
  list
  revoke <id>

Reads MYSQL_URL from the environment.`;

const split = (text: string) => text.split(",").map((part) => part.trim());
const Options = z.object({
  name: z.string().trim().min(1).max(100),
  conversations: z.string().transform(split).pipe(z.array(ConversationId)).optional(),
  kinds: z.string().transform(split).pipe(z.array(MessageKind)).optional(),
  days: z.coerce.number().int().min(1).max(3650).optional(),
  "on-behalf": z.boolean().default(false),
  moderation: z.boolean().default(false),
});

function scopesOf(options: z.infer<typeof Options>): ServiceActor["scopes"] {
  const { conversations = ["*"], kinds = ["*"], "on-behalf": onBehalfOf, moderation } = options;
  return moderation ? { moderation } : { publish: { conversations, kinds, onBehalfOf } };
}

async function run(args: string[], mysqlUrl: string): Promise<string> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: "string" },
      conversations: { type: "string" },
      kinds: { type: "string" },
      days: { type: "string" },
      "on-behalf": { type: "boolean" },
      moderation: { type: "boolean" },
    },
  });
  const [command, id] = positionals;
  await using db = await createDb({ url: mysqlUrl, poolSize: 2 });
  const { prisma, sql } = db;
  const ctx = { prisma, clock: systemClock, ids: { user: createIdAllocator(sql, "user", 1) } };
  if (command === "create") {
    const options = Options.parse(values);
    const { name, days } = options;
    return (await createServiceToken(ctx, { name, days, scopes: scopesOf(options) })).token;
  }
  if (command === "list") {
    const tokens = await listServiceTokens(ctx);
    return tokens.map((token) => JSON.stringify(token)).join("\n");
  }
  if (command === "revoke" && id) {
    await revokeServiceToken(ctx, id);
    return `${id} is revoked; it works nowhere 5 s from now`;
  }
  throw new Error(USAGE);
}

try {
  const mysqlUrl = process.env.MYSQL_URL;
  if (!mysqlUrl) throw new Error(USAGE);
  console.log(await run(process.argv.slice(2), mysqlUrl));
} catch (error) {
  console.error(error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message);
  process.exitCode = 1;
}
