/** Makes docs/keys.md: the keys of the Redis store, and which Lua files read and write them. */

import { accessesOf, writes } from "./lua_access.ts";
import { type LuaFile, nameOf, readFolder, STAGES } from "./lua_file.ts";
import { REDIS_KEYS, type RedisKey } from "./redis_keys.ts";

const INTRO = `
# The keys of the Redis store

<!-- Made from lua/ and tools/gen/redis_keys.ts by deno task gen: change it there. -->

All keys of a store begin with \`{prefix}:\`, where the prefix is \`gqm\` unless the option says otherwise: \`{gqm}:jobs\`. The
braces are part of the key; they keep all keys of a store in one slot. [ADR 0003](adr/0003-redis-layout.md) says why
they are as they are, and [scripts.md](scripts.md) what changes them. Programs of your own must not write them: they
are no interface, and change between versions.

In the tables, a \`pair\` is \`queue|type\`, \`PP\` stands for a priority in two digits, and a \`lane\` is \`queue|PPtype\`. \`NL\` is a
line break. In \`seq sep id\`, \`seq\` is a place in line or a rising number, and \`sep\` the letter that says whether the job is special:
\`|\` for a plain one. Ids are short forms of UUIDs. Times are epoch milliseconds, unless a minute, an hour or a day is named.
`;

const OUTRO = `
## Who reads and who writes

The Lua files whose code names the key: scripts by their names, shared parts with an asterisk. Who does both stands among the
writers. A file that is handed the name of a key by another is not listed, and the doctor mends keys whose names it meets in
the store. Beside the scripts, the library itself sets \`big:\` and \`res:\` before a script accepts them,
blocks on \`w:\` and \`own:\`, reads and writes \`layout\`, and subscribes to the channels.
`;

/** The whole page, as Markdown. */
export function keysPage(): string {
  const files = [...STAGES, "shared"].flatMap(readFolder);
  const keys = Object.values(REDIS_KEYS).flat();
  const users = usersOf(files, keys);
  const tables = Object.entries(REDIS_KEYS).flatMap(([title, rows]) => [
    `## ${title}`,
    "",
    "| key | type | what is in it | expires |",
    "| - | - | - | - |",
    ...rows.map(({ key, type, holds, expires = "" }) =>
      `| \`${cell(key)}\` | ${type} | ${cell(holds)} | ${expires} |`
    ),
    "",
  ]);
  const rows = keys.filter((row) => !row.isOfLibrary).map((row) => {
    const { readers, writers } = users.get(row)!;
    return `| \`${cell(row.key)}\` | ${writers.join(", ")} | ${readers.join(", ")} |`;
  });
  const table = ["| key | written by | read by |", "| - | - | - |", ...rows, ""];
  return [INTRO, ...tables, OUTRO, ...table].join("\n");
}

/** Who reads and writes a key; who does both, writes. */
interface Users {
  readonly readers: string[];
  readonly writers: string[];
}

/** Who uses each key, checked: every name in the code has a key, and every key is used as its type and expiry say. */
export function usersOf(
  files: readonly LuaFile[],
  keys: readonly RedisKey[],
): ReadonlyMap<RedisKey, Users> {
  const users = new Map<RedisKey, Users>(keys.map((key) => [key, { readers: [], writers: [] }]));
  const expiring = new Set<RedisKey>();
  for (const file of files) {
    const typeOfKey = (name: string) => keys.find((key) => isNamed(key, name))?.type;
    for (const { name, commands } of accessesOf(file, typeOfKey)) {
      const isWritten = [...commands].some(writes);
      const user = file.path.startsWith("lua/shared/") ? `${nameOf(file)}\\*` : nameOf(file);
      for (const key of keys.filter((key) => isNamed(key, name))) {
        users.get(key)![isWritten ? "writers" : "readers"].push(user);
        if (/\b(?:P?EXPIRE|PERSIST)\b/.test([...commands].join(" "))) expiring.add(key);
      }
    }
  }
  for (const [key, { readers, writers }] of users) {
    if (readers.length + writers.length > 0 || key.isOfLibrary) continue;
    throw new Error(`Cannot generate as each key must be used by a script: '${key.key}' is not`);
  }
  for (const key of expiring) {
    if (key.expires !== undefined) continue;
    throw new Error(`Cannot generate as '${key.key}' expires, and must say when`);
  }
  return users;
}

/** Whether a name in a header means a key: up to its colon, or what it begins with before a letter and a colon. */
function isNamed({ key }: RedisKey, name: string): boolean {
  const own = key.replace(/(?<=:).*$/, "");
  return own === name || (name.length === 1 && own.length === 3 && own.startsWith(name));
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
