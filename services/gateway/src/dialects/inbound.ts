/** Every event of every client that speaks a dialect: named, parsed, looked up, run as native commands, answered. */
import { createHash, randomUUID } from "node:crypto";
import { ChatError } from "@confab/contract";
import {
  type Dialect,
  type Facts,
  inferDialect,
  LOOKUP_RPC,
  type NativeCommand,
  type Word,
} from "@confab/contract/internal";
import { parseInput, withDeadline } from "@confab/runtime";
import type { GatewayContext } from "../context.ts";
import { findMisshape } from "../payload.ts";
import { runCommand, strike } from "../router.ts";
import type { DialectClient } from "./client.ts";
import { confirmAll, readDelivered } from "./delivered.ts";
import { listen } from "./hear.ts";
import type { SignInLater } from "./sign-in.ts";

/** Events of one socket that may wait for those before them. */
const MAX_WAITING = 200;

type Answer = (answer: unknown) => void;
interface Call {
  dialect: Dialect;
  word: Word;
  payload: unknown;
  answer: Answer | undefined;
}

export function routeWords(ctx: GatewayContext, client: DialectClient, signIn: SignInLater): void {
  client.socket.use(([event, ...args]) => {
    if (!client.socket.connected) return;
    const last = args.at(-1);
    const answer = typeof last === "function" ? (last as Answer) : undefined;
    const payload = args.length > 0 && args[0] !== answer ? args[0] : undefined;
    take(ctx, client, { event: String(event), payload, answer, signIn });
  });
}

function take(
  ctx: GatewayContext,
  client: DialectClient,
  {
    event,
    payload,
    answer,
    signIn,
  }: { event: string; payload: unknown; answer: Answer | undefined; signIn: SignInLater },
): void {
  if (!client.dialect) {
    const hasToken = client.isSignedIn;
    const inferred = inferDialect(ctx.dialects.spoken, { hasToken, event });
    if (!inferred) {
      refuseStranger(client, answer);
      return;
    }
    ctx.dialects.decide(client, inferred);
  }
  const dialect = client.dialect as Dialect;
  // The words of others mean nothing here.
  const word = Object.hasOwn(dialect.words, event) ? dialect.words[event] : undefined;
  if (!word) return;
  const call = { dialect, word, payload, answer };
  if (client.waiting >= MAX_WAITING) {
    const refusal = new ChatError("rate_limited", { reason: "too_many_waiting", retryAfterMs: 1000 });
    refuse(ctx, client, call, refusal);
    return;
  }
  client.takeIn(() => answerTo(ctx, client, call, signIn));
}

async function answerTo(
  ctx: GatewayContext,
  client: DialectClient,
  call: Call,
  signIn: SignInLater,
): Promise<void> {
  const { data } = client.socket;
  data.inFlight += 1;
  try {
    const value = await withDeadline(run(ctx, client, call, signIn), ctx.config.commandDeadlineMs, "command");
    call.answer?.(value);
    ctx.metrics.dialectWords.inc({ dialect: call.dialect.name, result: "ok" });
  } catch (error) {
    refuse(
      ctx,
      client,
      call,
      error instanceof ChatError ? error : new ChatError("internal", { cause: error }),
    );
  } finally {
    data.inFlight -= 1;
  }
}

async function run(
  ctx: GatewayContext,
  client: DialectClient,
  { dialect, word, payload, answer }: Call,
  signIn: SignInLater,
): Promise<unknown> {
  const misshape = findMisshape(payload);
  if (misshape) throw new ChatError("invalid", { reason: misshape });
  const input = parseInput(word.input, payload);
  if (word.signIn) return signIn(word.signIn(input));
  if (!client.isSignedIn) throw new ChatError("unauthenticated", { reason: "not_signed_in" });
  if (client.socket.data.leaving)
    throw new ChatError("unavailable", { reason: "draining", retryAfterMs: 1000 });
  void confirmAll(ctx, client);
  await ctx.limiter.take("dialectWord", client.userId);
  const facts = await lookUp(ctx, client, word, input);
  const commands = word.commands?.(input, facts) ?? [];
  if (dialect.sendLimit && commands.some(({ name }) => name === "message:send")) {
    await ctx.limiter.take(sendLimitOf(dialect), client.userId);
  }
  client.write(word.emits?.(input, facts) ?? []);
  if (word.effect === "listen" && facts.place) listen(ctx, client, facts.place.conversationId);
  const results: unknown[] = [];
  for (const command of commands) {
    results.push(await runNative(ctx, client, command, answer !== undefined));
  }
  return word.ack ? word.ack(results, input, facts) : { ok: true };
}

export const sendLimitOf = ({ name }: Dialect): string => `send@${name}`;

async function lookUp(
  ctx: GatewayContext,
  client: DialectClient,
  word: Word,
  input: unknown,
): Promise<Facts> {
  const selfId = client.userId;
  const wants = word.wants?.(input, selfId);
  if (!wants) return { selfId, place: undefined, messages: [] };
  const { place, messages } = await ctx.message.call(LOOKUP_RPC.resolve, { userId: selfId, ...wants });
  return { selfId, place, messages };
}

async function runNative(
  ctx: GatewayContext,
  client: DialectClient,
  command: NativeCommand,
  acked: boolean,
): Promise<unknown> {
  if (command.name === "message:send") return send(ctx, client, command, acked);
  const result = await runCommand(ctx, client.socket, command.name, command.payload);
  if (command.name === "activity:set") {
    client.focused = command.payload.active;
    if (client.focused && client.dialect?.readsWhileActive) await readDelivered(ctx, client);
  }
  return result;
}

async function send(
  ctx: GatewayContext,
  client: DialectClient,
  { payload, retryKey }: Extract<NativeCommand, { name: "message:send" }>,
  acked: boolean,
): Promise<unknown> {
  const clientMessageId = retryKey === undefined ? randomUUID() : keyOf(client.userId, retryKey);
  client.own.set(clientMessageId, { acked });
  try {
    return await runCommand(ctx, client.socket, "message:send", { ...payload, clientMessageId });
  } catch (error) {
    client.own.delete(clientMessageId);
    throw error;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A client's own key, as the UUID that it is or as one that is always the same for it. */
function keyOf(userId: string, key: string): string {
  if (UUID.test(key)) return key.toLowerCase();
  const hex = createHash("sha256").update(`${userId} ${key}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

function refuse(ctx: GatewayContext, client: DialectClient, call: Call, refusal: ChatError): void {
  const { dialect, answer } = call;
  ctx.metrics.dialectWords.inc({ dialect: dialect.name, result: refusal.code });
  if (refusal.code === "internal") {
    ctx.metrics.errors.inc({ where: "dialect" });
    ctx.log.error({ err: refusal.cause ?? refusal, socketId: client.socket.id }, "a client's event failed");
  }
  const error = refusal.toWire(randomUUID());
  const emission = dialect.error(error);
  if (emission) client.write([emission]);
  answer?.(dialect.failure ? dialect.failure(error) : { ok: false, error });
  // A wrong shape is a wrong shape, however often: only a flood ends the connection.
  if (refusal.code === "rate_limited") strike(ctx, client.socket);
}

/** Nobody knows yet which dialect it speaks, so it is told in the form that most of them share. */
function refuseStranger(client: DialectClient, answer: Answer | undefined): void {
  const error = new ChatError("unauthenticated", { reason: "not_signed_in" }).toWire();
  const { message, code, reason } = error;
  client.write([{ event: "error", payload: { message, code, reason } }]);
  answer?.({ ok: false, error });
}
