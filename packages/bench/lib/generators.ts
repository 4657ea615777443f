import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Methods } from "../generator/methods.ts";

/** What a method takes; nothing, where it takes nothing. */
type Arguments<N extends keyof Methods> = Parameters<Methods[N]>;
type Result<N extends keyof Methods> = Awaited<ReturnType<Methods[N]>>;

const ENTRY = join(import.meta.dirname, "../generator/main.ts");

/** One process of the generator. */
export class Generator implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #next = 1;

  constructor() {
    this.#child = fork(ENTRY, { serialization: "advanced", execArgv: ["--conditions=@confab/source"] });
    this.#child.on("message", ({ id, result, error }: { id: number; result?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(`in the generator: ${error}`));
    });
    this.#child.on("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the generator ended"));
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  call<N extends keyof Methods>(method: N, ...[params]: Arguments<N>): Promise<Result<N>> {
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#child.send({ id, method, params });
    return promise as Promise<Result<N>>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }
}
