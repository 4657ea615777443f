export { ChildStoreProcess } from './stores/child.ts';
export { parseStoreMode, withDatabase, withoutDatabase } from './stores/choose.ts';
export { canConnect, findFreePorts } from './stores/ports.ts';
export type { Log, StoreMode, StoreProcess, Stores } from './stores/types.ts';
export { type StoresOptions, startStores } from './stores.ts';
