import { ALICE, BO, CHIDI, DANA, type DemoPerson, EMEKA, FARAH, PEOPLE } from "./people.ts";

export interface DemoConversation {
  id: number;
  title: string | null;
  /** The first of a group made it. */
  members: DemoPerson[];
  lines: number;
  /** How many of the last lines alice has not read. */
  unreadForAlice: number;
  startsAt: Date;
}

const EPOCH = Date.UTC(2025, 8, 1, 8, 0);
const DAY_MS = 86_400_000;

/** Past, and always the same: a demo that is seeded twice is the same demo. */
const day = (days: number): Date => new Date(EPOCH + days * DAY_MS);

/** All pairs; alice's own are longer, and two of them wait for her. */
function directs(): DemoConversation[] {
  const pairs = PEOPLE.flatMap((first, index) => PEOPLE.slice(index + 1).map((second) => [first, second]));
  const unread = new Map([
    [CHIDI, 2],
    [FARAH, 4],
  ]);
  return pairs.map((members, index) => {
    const withAlice = members.includes(ALICE);
    return {
      id: 101 + index,
      title: null,
      members,
      lines: withAlice ? 24 + ((index * 7) % 40) : 6 + ((index * 5) % 14),
      unreadForAlice: withAlice ? (unread.get(members[1] as DemoPerson) ?? 0) : 0,
      startsAt: day(20 + index * 2),
    };
  });
}

/** Ids below 1001, where `id_blocks` begins. */
export const CONVERSATIONS: readonly DemoConversation[] = [
  {
    id: 11,
    title: "Launch crew 🚀",
    members: PEOPLE,
    // With the opening one, 10,000 messages: a history worth scrolling.
    lines: 9_999,
    unreadForAlice: 7,
    startsAt: day(0),
  },
  {
    id: 12,
    title: "Friday lunch 🍜",
    members: [BO, ALICE, DANA, EMEKA],
    lines: 120,
    unreadForAlice: 0,
    startsAt: day(70),
  },
  {
    id: 13,
    title: "Book club",
    members: [FARAH, ALICE, CHIDI],
    lines: 64,
    unreadForAlice: 3,
    startsAt: day(62),
  },
  ...directs(),
];
