import { parseArgs } from "node:util";
import { Problem } from "../problem.mjs";

export interface StartOptions {
  port: number;
  host: string;
  gateways: number;
  reset: boolean;
  help: boolean;
}

export const USAGE = `usage: npm start -- [options]
  --port <n>       the public port (8080)
  --host <address> where it listens (127.0.0.1; 0.0.0.0 lets other machines in)
  --gateways <n>   how many gateways run behind it (2)
  --reset          forget all data of this checkout first
  --help           this text
Set PUBLIC_URL if people reach it under another address than http://localhost:<port>.`;

function number(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new Problem(
    `--${name} takes a whole number from ${minimum} to ${maximum}, not "${text}".`,
    USAGE.split("\n"),
  );
}

/** Reads the command line of `npm start`. */
export function readStartOptions(args: string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: "string", default: "8080" },
        host: { type: "string", default: "127.0.0.1" },
        gateways: { type: "string", default: "2" },
        reset: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const port = number("port", values.port, 1, 65_535);
    return { ...values, port, gateways: number("gateways", values.gateways, 1, 16) };
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem((error as Error).message, USAGE.split("\n"));
  }
}
