import { createMetrics, type Metrics } from "@confab/runtime";

/** What a gateway counts. Labels come from closed sets: event names of the contract, codes, reasons of Socket.IO. */
export function createGatewayMetrics(metrics: Metrics = createMetrics("gateway")) {
  return {
    base: metrics,
    handshakes: metrics.counter("chat_gateway_handshakes_total", "Attempts to sign a socket in", ["result"]),
    refusals: metrics.counter("chat_gateway_upgrades_refused_total", "Upgrades refused before a socket was", [
      "reason",
    ]),
    disconnects: metrics.counter("chat_gateway_disconnects_total", "Sockets that ended", ["reason"]),
    events: metrics.histogram(
      "chat_gateway_event_duration_seconds",
      "From a command's arrival to its answer; result is `ok` or the error's code",
      ["event", "result"],
    ),
    slowReaders: metrics.counter("chat_gateway_slow_readers_total", "Sockets closed for not reading", [
      "reason",
    ]),
    presenceCalls: metrics.counter("chat_gateway_presence_calls_total", "Calls of the presence service", [
      "call",
      "result",
    ]),
    presenceBatches: metrics.counter(
      "chat_gateway_presence_batches_total",
      "Frames of presence:changed sent",
    ),
    heals: metrics.counter("chat_gateway_heals_total", "Times that heads were asked for on behalf of all", [
      "cause",
    ]),
    headFrames: metrics.counter("chat_gateway_head_frames_total", "Frames of heads sent", ["cause"]),
    canaryRtt: metrics.histogram(
      "chat_gateway_canary_rtt_seconds",
      "A packet's way to Redis and back over the adapter's connections",
    ),
    degraded: metrics.gauge("chat_gateway_degraded", "1 while the way through Redis is broken"),
    typing: metrics.counter("chat_gateway_typing_total", "Typing marks", ["result"]),
    dialectSockets: metrics.gauge("chat_gateway_dialect_sockets", "Sockets that speak a dialect", [
      "dialect",
    ]),
    dialectConnections: metrics.counter(
      "chat_gateway_dialect_connections_total",
      "Sockets that turned out to speak a dialect; none for long enough, and it can be turned off",
      ["dialect"],
    ),
    dialectWords: metrics.counter("chat_gateway_dialect_words_total", "Events of clients, by outcome", [
      "dialect",
      "result",
    ]),
    dialectTranslations: metrics.counter(
      "chat_gateway_dialect_translations_total",
      "Events put into a dialect: once each, however many sockets hear them",
      ["dialect", "event"],
    ),
    errors: metrics.counter("chat_gateway_faults_total", "Unexpected errors, by where", ["where"]),
  };
}
export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;
