/**
 * Payloads and results that are too long for a script: they have keys of their
 * own, and travel by plain SET and GET.
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

/** The command that brings a text before the script that accepts it; a repeat changes nothing. */
export function setBig(
  runner: ScriptRunner,
  kind: "big" | "res",
  name: string,
  text: string,
): (string | number)[] {
  return ["SET", runner.key(`${kind}:${name}`), `${name}\n${text}`, "EX", EXPIRY_S, "NX"];
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
  const records: JobRecord[] = [];
  const missing: JobRecord[] = [];
  const needed = decoded.some((one) => one.bigPayload !== undefined || one.bigResult !== undefined);
  if (!needed) return { records: decoded.map(({ record }) => record), missing };
  const filled = await Promise.all(decoded.map(async ({ record, bigPayload, bigResult }) => {
    const [payload, result] = await Promise.all([
      bigPayload === undefined ? record.payload : fetchBig(runner, bigPayload),
      bigResult === undefined ? record.result : fetchBig(runner, bigResult),
    ]);
    return { record, payload, result };
  }));
  for (const { record, payload, result } of filled) {
    if (payload === undefined && !keep) missing.push(record);
    else records.push({ ...record, payload: payload ?? "null", result: result ?? null });
  }
  return { records, missing };
}

/** A text that has a key of its own; undefined if it is gone. It begins with the key's own name. */
async function fetchBig(runner: ScriptRunner, key: string): Promise<string | undefined> {
  const text = await runner.command("GET", [runner.key(key)]);
  const name = key.slice(key.indexOf(":") + 1);
  if (typeof text !== "string" || !text.startsWith(`${name}\n`)) return undefined;
  return text.slice(name.length + 1);
}
