/** Sizes and counts that both ends of the wire rely on. Rates are in `RATE_LIMITS`. */
export const LIMITS = {
  /** One Socket.IO frame; larger ones end the connection (OWASP WebSocket cheat sheet). */
  frameBytes: 64 * 1024,
  /** UTF-8 bytes of a message body. */
  bodyBytes: 16 * 1024,
  /** UTF-8 bytes of `metadata` once serialised. */
  metadataBytes: 8 * 1024,
  /** The same of a `custom` message. */
  customBytes: 32 * 1024,
  /** Levels of arrays and objects in `metadata`, itself included. */
  metadataLevels: 16,
  titleLength: 200,
  usernameLength: 32,
  displayNameLength: 100,
  slowModeSeconds: 120,
  statusTextLength: 100,
  mentionsPerMessage: 50,
  attachmentsPerMessage: 10,
  membersPerCreate: 1000,
  cursorsPerSync: 200,
  messagesPerSync: 200,
  headsPerReady: 200,
  usersPerWatch: 200,
  historyPage: 100,
  listPage: 100,
  searchPage: 50,
  searchLength: 200,
  /** Whoever has seen a message is named in groups of up to so many, and counted in larger ones. */
  readersNamed: 200,
  publishItems: 100,
  /** Items that a gateway hands to the message service in one request. */
  batchItems: 64,
  /** Unread is counted no further than this; clients show "99+". */
  unreadCap: 100,
  reactionUsers: 20,
} as const;

/** A token bucket: `burst` at once, then `perSecond`. */
export interface RateLimit {
  burst: number;
  perSecond: number;
}

/** Limits per user by kind of command, as shipped; each is a setting of the gateway and the message service. */
export const RATE_LIMITS = {
  send: { burst: 60, perSecond: 2 },
  change: { burst: 60, perSecond: 2 },
  receipt: { burst: 120, perSecond: 10 },
  typing: { burst: 10, perSecond: 1 },
  activity: { burst: 20, perSecond: 2 },
  read: { burst: 30, perSecond: 2 },
  search: { burst: 10, perSecond: 1 },
} as const satisfies Record<string, RateLimit>;
export type RateLimitName = keyof typeof RATE_LIMITS;
