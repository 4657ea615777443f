/** Rows as the message service would have left them, put there without it: dense seq, revision, heads. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { ConversationId, UserId } from "@confab/contract";
import {
  createIdAllocator,
  type IdAllocator,
  type IdName,
  Prisma,
  type PrismaClient,
  type SqlPool,
} from "@confab/db";

/** `TestStores`, or anything else with a client. */
export interface Place {
  prisma: PrismaClient;
  sql: SqlPool;
}

const ROWS_PER_INSERT = 500;
/** As many as a test file's pool has connections. */
const TRANSACTIONS_AT_ONCE = 4;
const lanes = new WeakMap<SqlPool, { tails: Promise<unknown>[]; taken: number }>();

/** A test asks for hundreds at once; who waits two seconds for a connection is refused one, so they wait here. */
function inTurn<T>(sql: SqlPool, work: () => Promise<T>): Promise<T> {
  const own = lanes.get(sql) ?? { tails: Array(TRANSACTIONS_AT_ONCE).fill(Promise.resolve()), taken: 0 };
  lanes.set(sql, own);
  const lane = own.taken++ % TRANSACTIONS_AT_ONCE;
  const turn = (own.tails[lane] as Promise<unknown>).then(work);
  own.tails[lane] = turn.catch(() => undefined);
  return turn;
}
const allocators = new WeakMap<SqlPool, Map<IdName, IdAllocator>>();

/** From `id_blocks`, like the services' own, so that the two never meet. */
function nextIds(sql: SqlPool, name: IdName, count: number): Promise<bigint[]> {
  const own = allocators.get(sql) ?? new Map<IdName, IdAllocator>();
  allocators.set(sql, own);
  const allocator = own.get(name) ?? createIdAllocator(sql, name, 100);
  own.set(name, allocator);
  return allocator.next(count);
}

export interface NewUser {
  id?: UserId;
  username?: string | null;
  displayName?: string;
  kind?: "human" | "bot" | "service";
}

/** People without a password; returns the new id. */
export async function insertUser(place: Place, user: NewUser = {}): Promise<UserId> {
  const id = user.id ?? String((await nextIds(place.sql, "user", 1))[0]);
  await insertUserRows(place, [{ ...user, id }]);
  return id;
}

/** So many people, called `person-<id>`. */
export async function insertUsers(place: Place, count: number): Promise<UserId[]> {
  const ids = (await nextIds(place.sql, "user", count)).map(String);
  await insertUserRows(
    place,
    ids.map((id) => ({ id })),
  );
  return ids;
}

async function insertUserRows(
  { prisma }: Place,
  users: Array<NewUser & Required<Pick<NewUser, "id">>>,
): Promise<void> {
  await prisma.user.createMany({
    data: users.map(({ id, username = `person-${id}`, displayName = `Person ${id}`, kind = "human" }) => ({
      id,
      username,
      displayName,
      kind,
      createdAt: new Date(),
    })),
  });
}

export interface NewConversation {
  kind: "direct" | "group";
  /** The first of them made it, and is the admin of a group. */
  memberIds: UserId[];
  title?: string;
  encrypted?: boolean;
}

export async function insertConversation(place: Place, input: NewConversation): Promise<ConversationId> {
  const { kind, memberIds, title = "A group", encrypted = false } = input;
  const { prisma } = place;
  const [id] = (await nextIds(place.sql, "conversation", 1)) as [bigint];
  const at = new Date();
  const [createdBy] = memberIds as [UserId];
  await inTurn(place.sql, () =>
    prisma.$transaction([
      prisma.conversation.create({
        data: {
          id,
          kind,
          directKey: kind === "direct" ? [...memberIds].sort().join(" ") : null,
          title: kind === "group" ? title : null,
          settings: {},
          encrypted,
          revision: 1,
          createdBy,
          createdAt: at,
        },
      }),
      prisma.conversationMember.createMany({
        data: memberIds.map((userId) => ({
          conversationId: id,
          userId,
          role: kind === "group" && userId === createdBy ? ("admin" as const) : ("member" as const),
          joinedAt: at,
        })),
      }),
    ]),
  );
  return String(id);
}

export interface NewMessages {
  conversationId: ConversationId;
  senderId: UserId;
  count: number;
  /** Of the message with this seq. */
  body?: (seq: number) => string;
}

/** Appends text messages to a conversation, each with the next seq and revision; returns their ids. */
export async function insertMessages(place: Place, input: NewMessages): Promise<string[]> {
  const { senderId, count, body = (seq: number) => `message ${seq}` } = input;
  const { prisma } = place;
  const conversationId = BigInt(input.conversationId);
  const ids = await nextIds(place.sql, "message", count);
  const at = new Date();
  await inTurn(place.sql, () =>
    prisma.$transaction(
      async (tx) => {
        const [head] = await tx.$queryRaw<Array<{ last_seq: bigint; revision: bigint }>>`
          SELECT last_seq, revision FROM conversations WHERE id = ${conversationId} FOR UPDATE`;
        if (!head) throw new Error(`there is no conversation ${input.conversationId}`);
        const [lastSeq, revision] = [Number(head.last_seq), Number(head.revision)];
        const rows = ids.map((id, index) => {
          const seq = lastSeq + 1 + index;
          const dedupe = Buffer.from(randomUUID().replaceAll("-", ""), "hex");
          return Prisma.sql`(${conversationId}, ${seq}, ${id}, ${senderId}, ${dedupe}, 'text', ${body(seq)},
            ${revision + 1 + index}, ${at})`;
        });
        for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
          await tx.$executeRaw`
            INSERT INTO messages (conversation_id, seq, id, sender_id, dedupe, kind, body, revision, created_at)
            VALUES ${Prisma.join(rows.slice(from, from + ROWS_PER_INSERT))}`;
        }
        await tx.$executeRaw`
          UPDATE conversations SET last_seq = ${lastSeq + count}, revision = ${revision + count},
            last_message_at = ${at} WHERE id = ${conversationId}`;
      },
      { timeout: 30_000 },
    ),
  );
  return ids.map(String);
}

export interface NewServiceToken {
  name: string;
  /** What the token may do; by default, publish anywhere. */
  scopes?: Prisma.InputJsonObject;
}

/** A service, with a user of its own, and its token as the service would present it. */
export async function insertServiceToken(place: Place, input: NewServiceToken): Promise<string> {
  const { name, scopes = { publish: { conversations: ["*"], kinds: ["*"], onBehalfOf: false } } } = input;
  const userId = await insertUser(place, { username: null, displayName: name, kind: "service" });
  const id = randomBytes(8).toString("hex");
  const secret = randomBytes(32).toString("base64url");
  await place.prisma.serviceToken.create({
    data: {
      id,
      name,
      userId,
      secretHash: createHash("sha256").update(secret).digest(),
      scopes,
      createdAt: new Date(),
    },
  });
  return `cfs_${id}_${secret}`;
}
