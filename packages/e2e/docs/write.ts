import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { referenceFiles } from "./reference.ts";

const root = resolve(import.meta.dirname, "../../..");
for (const [path, content] of referenceFiles()) writeFileSync(join(root, path), content);
