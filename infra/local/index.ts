export { type DemoAccount, type Edge, type EdgeOptions, startEdge } from "./edge.ts";
export {
  type EnvironmentInput,
  type ServiceEnvironments,
  type ServicePorts,
  serviceEnvironment,
  serviceUrl,
} from "./environment.ts";
export { Problem, reportProblem } from "./problem.mjs";
export { type ServiceExit, type ServiceOptions, type ServiceProcess, spawnService } from "./processes.ts";
export { createSecrets, type Secrets } from "./secrets.ts";
export { ChildStoreProcess } from "./stores/child.ts";
export { parseStoreMode, withDatabase, withoutDatabase } from "./stores/choose.ts";
export { canConnect, findFreePorts } from "./stores/ports.ts";
export type { Log, StoreMode, StoreProcess, Stores } from "./stores/types.ts";
export { type StoresOptions, startStores } from "./stores.ts";
