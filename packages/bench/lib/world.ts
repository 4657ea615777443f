import type { Person } from "../generator/client.ts";
import { type Database, openDatabase } from "./database.ts";
import type { System } from "./system.ts";

export interface Conversation {
  id: string;
  /** Indexes into `people`. */
  members: number[];
}

/** People and conversations that a run is made of, in the tables of one system. */
export interface World {
  people: Person[];
  conversations: Conversation[];
}

/** Beyond every id that a service hands out meanwhile. */
const FIRST_CONVERSATION = 1_000_000_000;
let worlds = 0;
let nextConversation = FIRST_CONVERSATION;

/** Each conversation has people of its own, one after the other on the next gateway. Two people are a direct one. */
export async function createWorld(system: System, sizes: number[]): Promise<World> {
  let next = 0;
  const groups = sizes.map((size) => Array.from({ length: size }, () => next++));
  const gatewayOf = new Map<number, number>();
  for (const [place, members] of groups.entries()) {
    for (const [index, person] of members.entries()) gatewayOf.set(person, place + index);
  }
  return populate(system, { people: next, groups, gatewayOf: (index) => gatewayOf.get(index) ?? index });
}

/** Any people in any conversations; groups of two become direct conversations. */
export async function populate(
  system: System,
  options: { people: number; groups: number[][]; gatewayOf: (index: number) => number },
): Promise<World> {
  const world = ++worlds;
  const people = await Promise.all(
    Array.from({ length: options.people }, async (_, index): Promise<Person> => {
      const userId = `bench-${world}-${index}`;
      const url = system.gateways[options.gatewayOf(index) % system.gateways.length] as string;
      return { index, userId, url, token: await system.mintToken(userId) };
    }),
  );
  const conversations = options.groups.map((members) => ({ id: String(nextConversation++), members }));
  await using database = await openDatabase(system.databaseUrl);
  await write(database, { people, conversations });
  return { people, conversations };
}

async function write(database: Database, { people, conversations }: World): Promise<void> {
  const at = new Date();
  const idOf = (index: number) => (people[index] as Person).userId;
  await database.insert(
    "users",
    ["id", "display_name", "created_at"],
    people.map(({ userId }) => [userId, userId, at]),
  );
  await database.insert(
    "conversations",
    ["id", "kind", "direct_key", "title", "settings", "created_by", "created_at"],
    conversations.map(({ id, members }) => {
      const pair = members.length === 2 ? members.map(idOf).sort().join(" ") : null;
      return [
        id,
        pair ? "direct" : "group",
        pair,
        pair ? null : "bench",
        "{}",
        idOf(members[0] as number),
        at,
      ];
    }),
  );
  await database.insert(
    "conversation_members",
    ["conversation_id", "user_id", "role", "joined_at"],
    conversations.flatMap(({ id, members }) =>
      members.map((index, place) => [id, idOf(index), place === 0 ? "admin" : "member", at]),
    ),
  );
}
