/** Reads the Lua files of the Redis store: their headers and their code. */

import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** Folders of scripts below lua/, in the order of their pages; `shared` has what several of them are made of. */
export const STAGES: readonly string[] = [
  "enqueue",
  "ready",
  "claim",
  "settle",
  "retain",
  "control",
  "schedule",
  "inspect",
  "insight",
  "desk",
  "doctor",
];

/** A Lua file: what its header says, and its code. */
export interface LuaFile {
  /** From the root, such as "lua/claim/claim.lua". */
  readonly path: string;
  /** From `--! name: text`; a line without a name goes on with the one before, and keeps its indentation. */
  readonly header: ReadonlyMap<string, string>;
  /** Without lines that are comments. */
  readonly code: string;
}

/** All files of a folder of lua/, by their names. */
export function readFolder(folder: string): LuaFile[] {
  const dir = join(ROOT, "lua", folder);
  const names = [...Deno.readDirSync(dir)].map(({ name }) => name).filter((name) =>
    name.endsWith(".lua")
  );
  return names.sort().map((name) => parse(join(dir, name)));
}

function parse(path: string): LuaFile {
  const lines = Deno.readTextFileSync(path).replaceAll("\r\n", "\n").split("\n");
  const header = new Map<string, string>();
  let name = "does";
  for (const line of lines.filter((line) => line.startsWith("--!"))) {
    const text = line.slice(3).trimEnd();
    const found = /^\s*(does|uses|lazy|args|reply|keys|cost): (.*)$/.exec(text);
    if (found !== null) name = found[1]!;
    const before = header.get(name);
    const more = found?.[2] ?? text;
    header.set(name, before === undefined ? more : `${before}\n${more}`);
  }
  const code = lines.filter((line) => !line.startsWith("--")).join("\n");
  return { path: relative(ROOT, path), header, code };
}

/** The name of a script, or of a shared part. */
export function nameOf({ path }: LuaFile): string {
  return path.replace(/^.*\//, "").replace(/\.lua$/, "");
}

/**
 * The shared files that a script needs: at each call, or `lazy`, each when a field of M that it makes is asked for.
 * So what such a file makes may be set by others only after it was asked for.
 */
export function usesOf({ header }: LuaFile, part: "uses" | "lazy"): string[] {
  return header.get(part)?.split(/\s+/).filter(Boolean) ?? [];
}
