/** What the Prisma schema says the tables are, in the words of information_schema. */
import { readdir, readFile } from "node:fs/promises";

export interface Column {
  type: string;
  nullable: boolean;
  default: string | null;
  autoIncrement: boolean;
}
export interface Table {
  columns: Record<string, Column>;
  /** `PRIMARY`, or the index's name. */
  keys: Record<string, { unique: boolean; columns: string[] }>;
}
export type Tables = Record<string, Table>;

const DIRECTORY = new URL("../prisma/schema/", import.meta.url);
const FIELD = /^(\w+)\s+(\w+)(\??)(.*)$/;

const NATIVE: Record<string, (size: string) => string> = {
  VarChar: (size) => `varchar(${size})`,
  Char: (size) => `char(${size})`,
  Text: () => "text",
  Binary: (size) => `binary(${size})`,
  DateTime: (size) => `datetime(${size})`,
  UnsignedBigInt: () => "bigint unsigned",
  UnsignedInt: () => "int unsigned",
};

export async function readPrismaTables(): Promise<Tables> {
  const names = (await readdir(DIRECTORY)).filter((name) => name.endsWith(".prisma"));
  const files = await Promise.all(names.map((name) => readFile(new URL(name, DIRECTORY), "utf8")));
  const blocks = [...files.join("\n").matchAll(/^(model|enum) (\w+) \{\n([\s\S]*?)\n\}/gm)];
  const linesOf = (body: string) =>
    body
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("//"));
  const enums = new Map<string, string[]>();
  for (const [, kind, name = "", body = ""] of blocks) if (kind === "enum") enums.set(name, linesOf(body));
  const models = blocks.filter(([, kind]) => kind === "model");
  return Object.fromEntries(
    models.map(([, , name = "", body = ""]) => readModel(name, linesOf(body), enums)),
  );
}

function readModel(name: string, lines: string[], enums: Map<string, string[]>): [string, Table] {
  const table: Table = { columns: {}, keys: {} };
  const columnOf = new Map<string, string>();
  let tableName = name;
  for (const line of lines.filter((line) => !line.startsWith("@@"))) {
    const [, field = "", type = "", optional, attributes = ""] = FIELD.exec(line) ?? [];
    const column = /(?<!@)@map\("(\w+)"\)/.exec(attributes)?.[1] ?? field;
    columnOf.set(field, column);
    table.columns[column] = {
      type: columnType(type, attributes, enums),
      nullable: optional === "?",
      default: defaultOf(attributes),
      autoIncrement: attributes.includes("@default(autoincrement())"),
    };
    if (/@id\b/.test(attributes)) table.keys.PRIMARY = { unique: true, columns: [column] };
    const unique = /@unique\(map: "(\w+)"\)/.exec(attributes)?.[1];
    if (unique) table.keys[unique] = { unique: true, columns: [column] };
  }
  for (const line of lines.filter((line) => line.startsWith("@@"))) {
    const mapped = /^@@map\("(\w+)"\)/.exec(line)?.[1];
    if (mapped) tableName = mapped;
    const [, kind, fields = "", map] =
      /^@@(id|unique|index|fulltext)\(\[([^\]]+)\](?:, map: "(\w+)")?\)/.exec(line) ?? [];
    if (!kind) continue;
    const columns = fields.split(",").map((field) => columnOf.get(field.trim()) ?? field);
    table.keys[map ?? "PRIMARY"] = { unique: kind === "id" || kind === "unique", columns };
  }
  return [tableName, table];
}

function columnType(type: string, attributes: string, enums: Map<string, string[]>): string {
  const values = enums.get(type);
  if (values) return `enum(${values.map((value) => `'${value}'`).join(",")})`;
  if (type === "Boolean") return "tinyint(1)";
  if (type === "Json") return "json";
  const [, native = "", size = ""] = /@db\.(\w+)(?:\((\d+)\))?/.exec(attributes) ?? [];
  const write = NATIVE[native];
  if (!write) throw new Error(`say the column's type with @db: ${type} ${attributes}`);
  return write(size);
}

function defaultOf(attributes: string): string | null {
  const value = /@default\((\w+)\)/.exec(attributes)?.[1];
  if (value === undefined) return null;
  return { true: "1", false: "0" }[value] ?? value;
}
