/** Finds out what Lua files do with the keys of Redis, by the commands in their code. */

import type { LuaFile } from "./lua_file.ts";

/** What a file does with the keys of one name. */
export interface Access {
  /** As in headers: `jobs`, `l:`; `g` and `k` for all that begin so and go on with a letter. */
  readonly name: string;
  readonly commands: ReadonlySet<string>;
}

/** Commands that change nothing. */
const READS =
  /^(?:[HMZ]*(?:GET|SCORE)(?:ALL)?|EXISTS|TYPE|STRLEN|[HLSZ](?:LEN|CARD|EXISTS)|HKEYS|HVALS|HSCAN|LRANGE|LINDEX|LPOS|SMEMBERS|SISMEMBER|SMISMEMBER|SRANDMEMBER|HRANDFIELD|SUBSTR|GETRANGE|ZRANK|ZREVRANK|ZCOUNT|ZLEXCOUNT|Z(?:REV)?RANGE(?:BY(?:SCORE|LEX))?|P?TTL)$/;

/** By their first letter, the commands of a type; what begins otherwise suits any, or a string. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^H/, "hash"],
  [/^Z/, "zset"],
  [/^S(?:ADD|REM|MEMBERS|ISMEMBER|MISMEMBER|CARD|POP|RANDMEMBER)$/, "set"],
  [/^(?:[LR](?:PUSH|POP|LEN|RANGE|INDEX|TRIM|REM|SET|INSERT|POS))$/, "list"],
  [/^(?:GET|SET|MGET|INCR(?:BY)?|DECR(?:BY)?|APPEND|STRLEN|GETRANGE)$/, "string"],
  [/^PUBLISH$/, "channel"],
];

/**
 * Where a key is handed to a function, or chosen among others, so that no command is to be seen: what becomes of it
 * there. By file and name.
 */
const HANDED_ON: Readonly<Record<string, readonly string[]>> = {
  "lua/doctor/check_list.lua l:": ["LRANGE", "LREM", "LSET"],
  "lua/insight/series.lua hours:": ["LRANGE"],
  "lua/insight/series.lua series:": ["LRANGE"],
  "lua/inspect/list_final.lua b:": ["ZRANGE"],
  "lua/inspect/list_final.lua g": ["ZRANGE"],
  "lua/inspect/page.lua b:": ["ZCARD", "ZRANGE"],
  "lua/inspect/page.lua d:": ["ZCARD", "ZRANGE"],
  "lua/inspect/page.lua f:": ["LLEN", "LRANGE"],
  "lua/inspect/page.lua g": ["ZCARD", "ZRANGE"],
  "lua/inspect/page.lua kin:": ["ZCARD", "ZRANGE"],
  "lua/inspect/page.lua l:": ["LLEN", "LRANGE"],
  "lua/inspect/page.lua p:": ["ZCARD", "ZRANGE"],
  "lua/inspect/page.lua r:": ["ZCARD", "ZRANGE"],
  "lua/retain/prune.lua g": ["ZREM"],
  "lua/shared/doctor.lua k": ["ZSCORE"],
  "lua/shared/doctor_entries.lua g": ["ZREM"],
  "lua/shared/doctor_entries.lua leases:": ["ZREM"],
  "lua/shared/doctor_job.lua f:": ["LPUSH", "LREM"],
};

/** Whether a command may change what is there. */
export function writes(command: string): boolean {
  return !READS.test(command);
}

/** The type that a command is for; undefined if it is for any. */
export function typeOf(command: string): string | undefined {
  return TYPES.find(([pattern]) => pattern.test(command))?.[1];
}

/**
 * What a file does with each of its keys.
 *
 * @param typesOf The type of the keys of a name: a variable may hold another key elsewhere in the file.
 */
export function accessesOf(
  { path, header, code }: LuaFile,
  typeOfKey: (name: string) => string | undefined,
): Access[] {
  // Without brackets in texts, so that those of the code are pairs.
  const text = code.replace(/--[^\n]*/g, "").replace(
    /'[^'\n]*'/g,
    (quoted) => quoted.replace(/[()]/g, " "),
  );
  const calls = callsIn(text);
  const names = header.get("keys")!.split(/\s+/).filter((name) => name !== "none" && name !== "");
  return names.map((name) => {
    const type = typeOfKey(name);
    if (type === undefined) {
      throw new Error(
        `Cannot generate as each key must stand in tools/gen/redis_keys.ts: ` +
          `current value is '${name}' of ${path}`,
      );
    }
    const handedOn = HANDED_ON[`${path} ${name}`];
    const places = handedOn === undefined ? occurrences(text, name) : [];
    const commands = new Set(
      handedOn ?? places.flatMap((at) => commandsFor(text, calls, at, type)),
    );
    const wrong = [...commands].find((command) => (typeOf(command) ?? type) !== type);
    if (commands.size > 0 && wrong === undefined) return { name, commands };
    throw new Error(
      `Cannot generate as each key of ${path} must be seen in a command for a ${type}, or stand in ` +
        `HANDED_ON of tools/gen/lua_access.ts: current value is '${name}' in ${wrong ?? "none"}`,
    );
  });
}

/** A command with the place of its arguments in a text. */
interface Call {
  readonly command: string;
  readonly from: number;
  readonly to: number;
}

function callsIn(text: string): Call[] {
  return [...text.matchAll(/redis\.p?call\(([^,)]*)/g)].flatMap(
    ({ 0: { length }, 1: what, index }) => {
      const from = index + length;
      let depth = 1;
      let to = index + text.slice(index).indexOf("(") + 1;
      for (; depth > 0 && to < text.length; to++) {
        if (text[to] === "(") depth++;
        if (text[to] === ")") depth--;
      }
      // Of `isBack and 'RPUSH' or 'LPUSH'`, both.
      return [...what!.matchAll(/'([A-Z]+)'/g)].map(([, command]) => ({
        command: command!,
        from,
        to,
      }));
    },
  );
}

/** Where a name stands in a text: as `R .. 'name'`, or where keys are put together otherwise, as `'name'`. */
function occurrences(text: string, name: string): number[] {
  const placesOf = (pattern: string): number[] =>
    [...text.matchAll(new RegExp(pattern, "g"))].map(({ index }) => index);
  const quoted = RegExp.escape(name);
  const rooted = placesOf(`R \\.\\. '${quoted}(?![A-Za-z:])`);
  return rooted.length > 0 ? rooted : placesOf(`'${quoted}`);
}

/** Commands that the key at a place comes to: of the call around it, else of those that have its variable. */
function commandsFor(text: string, calls: readonly Call[], at: number, type: string): string[] {
  const around = calls.filter(({ from, to }) => from <= at && at < to);
  const inner = Math.max(...around.map(({ from }) => from));
  if (around.length > 0) {
    return around.filter(({ from }) => from === inner).map(({ command }) => command);
  }
  const variable = variableOf(text.slice(text.lastIndexOf("\n", at) + 1, at));
  if (variable === undefined) return [];
  const word = new RegExp(`(?<![\\w.'])${variable}(?![\\w'])`);
  return calls.filter(({ from, to }) => word.test(text.slice(from, to)))
    .map(({ command }) => command)
    .filter((command) => (typeOf(command) ?? type) === type);
}

/** The variable that a key is assigned to, by what stands before it in its line: of several, the one in its place. */
function variableOf(before: string): string | undefined {
  const assigned = /(?:local )?([\w, ]+?)(?:\[[^\]]*\])? = ([^=]*)$/.exec(before);
  if (assigned === null) return undefined;
  const names = assigned[1]!.split(",").map((one) => one.trim().replace(/^.* /, ""));
  return names[assigned[2]!.split(",").length - 1];
}
