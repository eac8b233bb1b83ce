/** Makes docs/scripts.md: the Lua scripts of the Redis store, as their headers have it. */

import { type LuaFile, nameOf, readFolder, STAGES, usesOf } from "./lua_file.ts";

const INTRO = `
# The scripts of the Redis store

<!-- Made from the headers in lua/ by deno task gen: change them there. -->

What changes something on Redis is one of these scripts, whole or not at all. A script is put together from a file of
[lua](../lua) and the [parts](#shared-parts) that its header names, and ships in
\`src/store/redis/scripts.gen.ts\`. It is called by its digest, and loaded where Redis does not know it.

\`KEYS[1]\` is the root of all keys, such as \`{gqm}:\`, and there is no other: each key is the root and a name, so all are
in one slot. [keys.md](keys.md) says what they hold. \`ARGV[1]\` is the tag of the request, which the reply repeats first, and
\`ARGV[2]\` the time in milliseconds, or \`''\` for that of Redis. Where \`final\` is among the parts of a script, \`ARGV[3]\` to \`ARGV[5]\`
say how long final jobs are kept, and how many; the scripts name what comes behind those.

A part is there at each call, or made when it is needed first ("in rare cases"). What a script does with the keys of its
parts stands there.
`;

const SHARED = `
## Shared parts

What several scripts are made of, in [lua/shared](../lua/shared).
`;

/** The whole page, as Markdown. */
export function scriptsPage(): string {
  const stages = STAGES.flatMap((stage) => [
    `## ${title(stage)}`,
    "",
    ...readFolder(stage).flatMap(script),
  ]);
  const parts = readFolder("shared").flatMap((file) => [
    `### ${nameOf(file)}\\*`,
    "",
    ...prose(file.header.get("does")!),
    ...file.header.has("args") ? item("ARGV", list(file, "args")) : [],
    ...item("Keys", keysOf(file)),
    "",
  ]);
  return [INTRO, ...stages, SHARED, ...parts].join("\n");
}

function title(stage: string): string {
  return `${stage[0]!.toUpperCase()}${stage.slice(1)}`;
}

function script(file: LuaFile): string[] {
  return [
    `### ${nameOf(file)}`,
    "",
    ...prose(file.header.get("does")!),
    ...item("ARGV", list(file, "args")),
    ...item("Returns", list(file, "reply")),
    ...item("Cost", list(file, "cost")),
    ...item("Keys", keysOf(file)),
    ...item("Parts", usesOf(file, "uses")),
    ...item("Parts in rare cases", usesOf(file, "lazy")),
    "",
  ];
}

/** The keys that a file names in its code. */
function keysOf({ header }: LuaFile): string[] {
  return header.get("keys")!.split(/\s+/).filter((name) => name !== "none").sort()
    .map((name) => `\`${name}\``);
}

/** A point of a list, unless there is nothing to say. */
function item(name: string, what: readonly string[]): string[] {
  if (what.length === 0 || what[0] === "none") return [];
  const text = what.join(name === "ARGV" || name === "Returns" || name === "Cost" ? " " : ", ");
  return [`- **${name}**: ${text}`];
}

function list({ header }: LuaFile, part: string): string[] {
  return header.get(part)!.split("\n").map((line) => line.trim());
}

/** A text of a header: paragraphs, and what is indented as it stands. */
function prose(text: string): string[] {
  const lines: string[] = [];
  let isBlock = false;
  for (const line of text.split("\n")) {
    const indented = /^ {4,}/.test(line);
    if (indented !== isBlock) lines.push(...indented ? ["", "```text"] : ["```", ""]);
    isBlock = indented;
    lines.push(indented ? line.slice(4) : line.trim());
  }
  return [...lines, ...isBlock ? ["```"] : [], ""];
}
