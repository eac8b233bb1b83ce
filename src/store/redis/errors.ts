/**
 * Groups of failures on Redis. What is shown of a failure is opaque to the scripts.
 *
 * @module
 */

import { cursorOf, grouped, placeOf } from "../error_groups.ts";
import type { ErrorGroup, ErrorGroupQuery, ErrorGroupsReply, Verdict } from "../store.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { fromShort } from "./short_id.ts";

/** What a settle says of a failure that is to be grouped; empty for all else. */
export function groupLine(verdict: Verdict, position: number): string {
  const sample = grouped(verdict);
  if (sample === undefined) return "";
  const { fingerprint, name, message } = sample;
  return `${position}|${fingerprint}|${JSON.stringify({ name, message })}\n`;
}

/** See `ErrorStage.errorGroups`. */
export async function errorGroups(
  runner: ScriptRunner,
  query: ErrorGroupQuery,
): Promise<ErrorGroupsReply> {
  const after = placeOf(query);
  const { limit, type = "", fingerprint = "" } = query;
  const place = after === undefined ? ["", ""] : [after.lastAt, after.fingerprint];
  const found = await runner.call("errors", [limit + 1, type, fingerprint, ...place]) as string[];
  const groups: ErrorGroup[] = [];
  for (let i = 0; i < found.length && groups.length < limit; i += 2) {
    groups.push(toGroup(found[i]!, found[i + 1]!));
  }
  const last = groups.at(-1);
  return found.length > 2 * limit && last !== undefined
    ? { groups, cursor: cursorOf(last) }
    : { groups };
}

function toGroup(fingerprint: string, text: string): ErrorGroup {
  const line = text.indexOf("\n");
  const [count, firstAt, lastAt, ids = "", ...type] = text.slice(0, line).split("|");
  return {
    fingerprint,
    ...readSample(text.slice(line + 1)),
    type: type.join("|"),
    count: Number(count),
    firstAt: Number(firstAt),
    lastAt: Number(lastAt),
    jobIds: ids.split(",").map(fromShort),
  };
}

function readSample(text: string): Pick<ErrorGroup, "name" | "message"> {
  try {
    const { name, message } = JSON.parse(text) as ErrorGroup;
    return { name, message };
  } catch {
    return { name: null, message: "" };
  }
}
