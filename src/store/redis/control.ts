/**
 * Interventions on Redis.
 *
 * @module
 */

import type { JobStatus } from "../../job/state.ts";
import type { ActionReply, JobAction, PauseTarget } from "../store.ts";
import type { ClaimContext } from "./claim.ts";
import { prioOf, statusChars } from "./codec.ts";
import { splitPair } from "./inspect.ts";
import type { ScriptName } from "./scripts.gen.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { fromShort, toShort } from "./short_id.ts";

/** Most jobs, and about the most characters to be written, of one call. */
const MAX_IDS = 100;
const MAX_CHARS = 1024 * 1024;

const charOf: ReadonlyMap<JobStatus, string> = new Map(
  Object.entries(statusChars).map(([char, status]) => [status, char]),
);

/** See `ControlStage.act`. */
export async function act(
  { runner, retention }: ClaimContext,
  ids: readonly string[],
  action: JobAction,
  from?: JobStatus,
  before?: number,
): Promise<ActionReply[]> {
  const { script, words } = encode(action);
  // No job is in a status that has no letter.
  const status = from === undefined ? "" : charOf.get(from) ?? "?";
  const written = words.reduce((sum, word) => sum + word.length, 1);
  const most = Math.max(1, Math.min(MAX_IDS, Math.floor(MAX_CHARS / written)));
  const replies: ActionReply[] = [];
  for (let at = 0; at < ids.length; at += most) {
    const part = ids.slice(at, at + most).map(toShort);
    const texts = await runner.call(script, (again) => [
      ...retention,
      again ? "1" : "",
      status,
      before ?? "",
      ...words,
      part.length,
      ...part,
    ]);
    for (const text of texts as string[]) replies.push(decode(text));
  }
  return replies;
}

/** The script of an action, and what it is told of it. */
function encode(action: JobAction): { script: ScriptName; words: readonly string[] } {
  switch (action.kind) {
    case "cancel":
      return { script: "act", words: ["x", JSON.stringify(action.reason)] };
    case "retry":
      return { script: "retry", words: [action.payload ?? "", action.revive ? "1" : ""] };
    case "remove":
      return { script: "act", words: ["g", ""] };
    case "promote":
      return { script: "act", words: ["p", ""] };
    case "prioritize":
      return { script: "act", words: ["o", prioOf(action.priority)] };
    case "edit":
      return { script: "act", words: ["e", action.payload] };
    default:
      return action satisfies never;
  }
}

const reasons: Readonly<Record<string, "status" | "parent" | "duplicate">> = {
  s: "status",
  p: "parent",
  d: "duplicate",
};

/** Reads the reply for one job: outcome, status, and for a refusal reason and the one to blame. */
function decode(text: string): ActionReply {
  if (text === "M") return { outcome: "missing" };
  const status = statusChars[text[1]!];
  if (status === undefined) return { outcome: "done", status: null };
  switch (text[0]) {
    case "D":
      return { outcome: "done", status };
    case "U":
      return { outcome: "unchanged", status };
    default: {
      const reason = reasons[text[2]!]!;
      const by = text.slice(3);
      return { outcome: "refused", status, reason, ...by === "" ? {} : { by: fromShort(by) } };
    }
  }
}

/** See `ControlStage.pause`. */
export async function pause(
  runner: ScriptRunner,
  { queue, type }: PauseTarget,
  paused: boolean,
): Promise<void> {
  await runner.call("pause", [queue ?? "", type ?? "", paused ? "1" : ""]);
}

/** See `ControlStage.paused`. */
export async function listPaused(runner: ScriptRunner): Promise<PauseTarget[]> {
  const members = await runner.command("SMEMBERS", [runner.key("paused")]) as string[];
  return members.map((member) => {
    const [queue, type] = splitPair(member);
    return { queue: queue === "" ? null : queue, type: type === "" ? null : type };
  });
}
