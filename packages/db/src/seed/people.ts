export interface DemoPerson {
  id: string;
  username: string;
  displayName: string;
}

/** For all six: a demo that anyone may enter. Never seeded into a database that has people of its own. */
export const DEMO_PASSWORD = "confab-demo";
/** argon2id of it, made once: hashing six times would cost a start a tenth of a second. */
export const DEMO_PASSWORD_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$WRxm6r8RGEx/FhS3q4lVWQ$7Q+HoetneyWsgflSNtA1TmnrRncC1jLy38a9XvhX1YM";

/** Ids below 1001, where `id_blocks` begins: nobody else gets them. */
export const ALICE: DemoPerson = { id: "1", username: "alice", displayName: "Alice Moreau" };
export const BO: DemoPerson = { id: "2", username: "bo", displayName: "Bo Lindqvist" };
export const CHIDI: DemoPerson = { id: "3", username: "chidi", displayName: "Chidi Okafor" };
export const DANA: DemoPerson = { id: "4", username: "dana", displayName: "Dana Whitfield" };
export const EMEKA: DemoPerson = { id: "5", username: "emeka", displayName: "Emeka Nwosu" };
export const FARAH: DemoPerson = { id: "6", username: "farah", displayName: "Farah Haddad" };

export const PEOPLE = [ALICE, BO, CHIDI, DANA, EMEKA, FARAH];
