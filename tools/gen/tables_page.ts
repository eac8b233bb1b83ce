/** Makes docs/tables.md: the tables of a SQLite file, with the comments of the schema. */

import {
  LAYOUT_VERSION,
  LINK,
  POLICY_CODE,
  SCHEMA,
  STATUS_CODE,
} from "../../src/store/sqlite/schema.ts";

const INTRO = `
# The tables of the SQLite store

<!-- Made from src/store/sqlite/schema.ts by deno task gen: change it there. -->

What a store file holds, at version ${LAYOUT_VERSION} of the layout, which the file keeps as \`user_version\`.
[ADR 0001](adr/0001-embedded-sqlite-layout.md) says why it is so. You may read a file with any SQLite client; do not write to
it: each verb of the store keeps several tables in step, and what they hold changes between versions.

A column may be NULL only where it says so. Times are epoch milliseconds, and columns that end in \`_at\` hold one. What is
JSON is text. A lane is a pair of queue and type, by its number. \`n\` is the number of a job.
`;

/** A table of the schema. */
interface Table {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: string, note: string])[];
  /** Of the whole table: its key, if several columns make it, and what is unique. */
  readonly rules: readonly string[];
  readonly indexes: readonly string[];
}

/** The whole page, as Markdown. */
export function tablesPage(): string {
  return [
    INTRO,
    "## Numbers in the file",
    "",
    `- **Statuses**: ${numbersOf(STATUS_CODE)}`,
    `- **Policies of edges**: ${numbersOf(POLICY_CODE)}`,
    `- **Bits of \`links\`**: ${numbersOf(LINK)}`,
    "",
    ...tablesOf(SCHEMA).flatMap(section),
  ].join("\n");
}

function numbersOf(codes: Readonly<Record<string, number>>): string {
  return Object.entries(codes).map(([name, code]) => `${code} \`${name}\``).join(", ");
}

function section({ name, columns, rules, indexes }: Table): string[] {
  return [
    `## ${name}`,
    "",
    "| column | type | meaning |",
    "| - | - | - |",
    ...columns.map(([column, type, note]) => `| \`${column}\` | ${type} | ${note} |`),
    "",
    ...rules.map((rule) => `- \`${rule}\``),
    ...indexes.map((index) => `- Index \`${index}\``),
    "",
  ];
}

/** The tables of a schema, in their order. */
export function tablesOf(schema: string): Table[] {
  const tables = [...schema.matchAll(/^CREATE TABLE (\w+) \(\n(.*?)\n\) STRICT/gms)];
  const indexes = [...schema.matchAll(/^CREATE INDEX (\w+) ON (\w+) ([^;]*);/gm)];
  return tables.map(([, name, body]) => {
    const lines = body!.split("\n").map((line) => line.trim());
    const isRule = (line: string): boolean => /^[A-Z ]+\(/.test(line);
    return {
      name: name!,
      columns: lines.filter((line) => !isRule(line)).map(column),
      rules: lines.filter(isRule).map((line) => line.replace(/,$/, "")),
      indexes: indexes.filter(([, , of]) => of === name).map(([, own, , what]) => `${own} ${what}`),
    };
  });
}

/** A column with its comment. */
function column(line: string): [name: string, type: string, note: string] {
  const found = /^(\w+) ([A-Z]+)(.*?),?(?:\s+-- (.*))?$/.exec(line);
  if (found === null) {
    throw new Error(`Cannot generate as each line of a table must be a column: '${line}' is not`);
  }
  const [, name, type, more, comment] = found;
  const isRequired = /NOT NULL|PRIMARY KEY/.test(more!);
  const rules = more!.replace("NOT NULL", "").replace(/\s+/g, " ").trim();
  const notes = [rules === "" ? "" : `\`${rules}\``, comment ?? ""].filter((note) => note !== "");
  const typed = isRequired ? type! : `${type} or NULL`;
  return [
    name!,
    typed.toLowerCase().replace("null", "NULL"),
    notes.join("; ").replaceAll("|", "\\|"),
  ];
}
