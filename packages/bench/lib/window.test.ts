import { expect, it } from "vitest";
import { countersPer, cpuPer } from "./window.ts";

it("tells the cost of a message in all and by process", () => {
  const used = { seconds: 1, cpuUs: { gateway: 300, mysql: 100 }, generatorCpuUs: 50, foreignShare: 0 };
  expect(cpuPer("Message", 10, used)).toEqual({
    cpuUsPerMessage: 40,
    cpuGatewayUsPerMessage: 30,
    cpuMysqlUsPerMessage: 10,
    generatorCpuUsPerMessage: 5,
  });
});

it("turns counters into rates, and says how large batches were where there are any", () => {
  const counters = {
    mysqlRowsInserted: 20,
    mysqlRowsUpdated: 5,
    mysqlStatements: 10,
    mysqlSyncs: 4,
    mysqlCommits: 5,
    redisCommands: 40,
    redisPublishes: 20,
    batches: 4,
    batchItems: 10,
  };
  expect(countersPer("Message", 10, counters)).toMatchObject({
    mysqlRowsInsertedPerMessage: 2,
    mysqlCommitsPerMessage: 0.5,
    messagesPerBatch: 2.5,
  });
  expect(countersPer("Message", 10, { ...counters, batches: 0 })).not.toHaveProperty("messagesPerBatch");
});
