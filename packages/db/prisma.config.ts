import { defineConfig } from "prisma/config";

/** Read by Prisma's command line alone; the services get their URL from their own config. */
export default defineConfig({
  schema: "prisma/schema",
  migrations: { path: "prisma/migrations" },
  ...(process.env.MYSQL_URL ? { datasource: { url: process.env.MYSQL_URL } } : {}),
});
