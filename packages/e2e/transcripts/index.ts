import { d000 } from "./d000.ts";
import { d001 } from "./d001.ts";
import { d002 } from "./d002.ts";
import { d003 } from "./d003.ts";
import { d004 } from "./d004.ts";
import type { Transcript } from "./script.ts";

export const TRANSCRIPTS: Transcript[] = [d000, d001, d002, d003, d004];
