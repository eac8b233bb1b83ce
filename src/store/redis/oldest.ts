/**
 * Who has waited longest, on Redis. No key says since when a job is ready, so it is told from
 * what is known of it, and from when its place in line had not been given yet.
 *
 * @module
 */

import type { OldestRow } from "../store.ts";
import { splitPair } from "./inspect.ts";
import { decodeJob } from "./record_text.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { fromShort } from "./short_id.ts";

/** Lanes of one call. */
const LANES_PER_CALL = 250;

type RawReady = [pair: string, id: string, head: string, lastEnd: string, before: string];
type RawDue = [pair: string, id: string, dueAt: string];

/** See `InspectStage.oldest`. */
export async function oldest(runner: ScriptRunner): Promise<OldestRow[]> {
  const lanes = await runner.command("SMEMBERS", [runner.key("lanes")]) as string[];
  const found = new Map<string, OldestRow>();
  const add = (pair: string, id: string, readyAt: number): void => {
    if (readyAt >= (found.get(pair)?.readyAt ?? Infinity)) return;
    const [queue, type] = splitPair(pair);
    found.set(pair, { queue, type, id: fromShort(id), readyAt });
  };
  let at = 0;
  do {
    const args = [at === 0 ? "1" : "", ...lanes.slice(at, at += LANES_PER_CALL)];
    const [now, ready, due] = await runner.call("oldest", args) as [string, RawReady[], RawDue[]];
    for (const raw of ready) add(raw[0], raw[1], readySince(raw, Number(now)));
    for (const [pair, id, dueAt] of due) add(pair, id, Number(dueAt));
  } while (at < lanes.length);
  return [...found.values()];
}

/** Flags in the head of a record: it was deferred; it was scheduled. */
const HAD_PARENTS = /^\d+\|\d\d\|[^|]*;g;/;
const WAS_DELAYED = /^\d+\|\d\d\|[^|]*;t;/;

/** About since when a job is ready: exact if it never started, waited for nobody and nobody changed when it is due. */
function readySince([, , head, lastEnd, before]: RawReady, now: number): number {
  let job: ReturnType<typeof decodeJob>;
  try {
    job = decodeJob(`${head}\n`);
  } catch {
    // Of one that cannot be read, only its place is known; the doctor takes it away.
    return Math.min(now, Number(before) || now);
  }
  const { createdAt, settings: { delayMs = 0, runAt = 0, unique } } = job;
  const dueAt = Math.max(createdAt + delayMs, runAt);
  // Somebody promoted it.
  if (dueAt > now) return Math.max(createdAt, Number(before));
  const isDelayKnown = !WAS_DELAYED.test(head) || (dueAt > createdAt && unique === undefined);
  if (lastEnd === "" && isDelayKnown && !HAD_PARENTS.test(head)) return dueAt;
  return Math.max(dueAt, Number(lastEnd), Number(before));
}
