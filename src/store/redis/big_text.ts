/**
 * Payloads and results that are too long for a script, which takes a nanosecond and more for each of
 * their characters: they have keys of their own, and travel by plain SET and MGET.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import type { DecodedRecord } from "./codec.ts";
import type { ScriptRunner } from "./script_runner.ts";

/** Longest payload and result, in characters, that goes through a script. */
export const MAX_INLINE = 4000;

/** Seconds that a text stays if the script that it goes before never accepts it. */
const EXPIRY_S = 3600;
/** About the most characters that one call fetches; a longer text goes alone. */
const MAX_FETCHED = 512 * 1024;
/** What counts for a text whose name does not say how long it is. */
const USUAL_CHARS = 64 * 1024;

/** The name of a payload's key, after `big:`: that of its call, its number there, and its length in characters. */
export function bigName(tag: string, index: number, payload: string): string {
  return `${tag}.${index}.${payload.length}`;
}

/** The command that brings a text before the script that accepts it; a repeat changes nothing. */
export function setBig(
  runner: ScriptRunner,
  kind: "big" | "res",
  name: string,
  text: string,
): (string | number)[] {
  return ["SET", runner.key(`${kind}:${name}`), text, "EX", EXPIRY_S, "NX"];
}

/**
 * Fills in the payloads and results that are kept apart.
 *
 * @param keep Whether a record whose payload is gone stays in the list, with `null` for it.
 */
export async function fetchBigs(
  runner: ScriptRunner,
  decoded: readonly DecodedRecord[],
  keep: boolean = false,
): Promise<{ records: JobRecord[]; missing: JobRecord[] }> {
  const names = decoded.flatMap(({ bigPayload, bigResult }) =>
    [bigPayload, bigResult].filter((name) => name !== undefined)
  );
  const records: JobRecord[] = [];
  const missing: JobRecord[] = [];
  if (names.length === 0) return { records: decoded.map(({ record }) => record), missing };
  const texts = await fetchTexts(runner, names);
  for (const { record, bigPayload, bigResult } of decoded) {
    const payload = bigPayload === undefined ? record.payload : texts.get(bigPayload);
    const result = bigResult === undefined ? record.result : texts.get(bigResult) ?? null;
    if (payload === undefined && !keep) missing.push(record);
    else records.push({ ...record, payload: payload ?? "null", result });
  }
  return { records, missing };
}

/** The texts of some keys, but for those that are gone. */
async function fetchTexts(
  runner: ScriptRunner,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  await Promise.all(
    partsOf(names).map(async (part) => {
      const found = await runner.command("MGET", part.map((name) => runner.key(name)));
      for (const [i, text] of (found as (string | null)[]).entries()) {
        if (text !== null) texts.set(part[i]!, text);
      }
    }),
  );
  return texts;
}

/** The names of keys in parts of which one call each can fetch the texts. */
function partsOf(names: readonly string[]): string[][] {
  const parts: string[][] = [];
  let chars = Infinity;
  for (const name of names) {
    const own = Number(/^big:[^.]*\.\d+\.(\d+)$/.exec(name)?.[1] ?? USUAL_CHARS);
    if (chars + own > MAX_FETCHED) {
      parts.push([]);
      chars = 0;
    }
    parts.at(-1)!.push(name);
    chars += own;
  }
  return parts;
}
