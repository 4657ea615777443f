import { runSeed } from "./server.ts";

const { SEED_PORT, MYSQL_URL, AUTH_SIGNING_KEY } = process.env;
await runSeed({
  port: Number(SEED_PORT),
  mysqlUrl: MYSQL_URL as string,
  signingKey: AUTH_SIGNING_KEY as string,
});
