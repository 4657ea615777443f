/** One process of the generator: does what the bench asks over IPC, one request at a time or several. */
import { methods } from "./methods.ts";

interface Request {
  id: number;
  method: keyof typeof methods;
  params: never;
}

process.on("message", ({ id, method, params }: Request) => {
  Promise.resolve()
    .then((): Promise<unknown> => methods[method](params))
    .then(
      (result) => process.send?.({ id, result }),
      (error: unknown) => process.send?.({ id, error: String((error as Error).stack ?? error) }),
    );
});
// Whoever started us is gone.
process.on("disconnect", () => process.exit());
