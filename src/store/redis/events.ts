/**
 * Events from Redis: what scripts tell while somebody listens.
 *
 * @module
 */

import {
  type JobEventKind,
  LISTEN_MS,
  MAX_EVENT_ERROR,
  MAX_EVENTS_PER_CALL,
  type StoreEvent,
} from "../event_stage.ts";
import type { EventPage } from "../feed.ts";
import { lostMessage } from "../lost_message.ts";
import { unescapeName } from "./claim_text.ts";
import { statusChars } from "./codec.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { fromShort } from "./short_id.ts";

const kinds: Readonly<Record<string, JobEventKind>> = {
  n: "created",
  w: "ready",
  s: "scheduled",
  p: "started",
  u: "progress",
  r: "retry",
  k: "released",
  l: "lost",
  c: "completed",
  d: "dead_letter",
  x: "canceled",
  t: "stopped",
  v: "revived",
  g: "removed",
};

/** Reads events after a number, and has others keep them for a while. */
export async function readEvents(
  runner: ScriptRunner,
  after: number | undefined,
): Promise<EventPage> {
  const [first, last, from, now, texts] = await runner.call("events", [
    after ?? "",
    LISTEN_MS,
    MAX_EVENTS_PER_CALL,
  ]) as [string, string, string, string, string[]];
  const events = texts.map((text, i) => decodeEvent(text, String(Number(from) + i)));
  return { first: Number(first), last: Number(last), now: Number(now), events };
}

/** Fields of an event: kind, time, id, status, queue, type, more. */
const EVENT = /^(\w)\|(\d+)\|([^|]*)\|(.)\|([^|]*)\|([^\n]*)(?:\n(.*))?$/s;

function decodeEvent(text: string, cursor: string): StoreEvent {
  const [, kind = "", at = "0", id = "", status = "", queue = "", type = "", more = ""] =
    EVENT.exec(text) ?? [];
  const what = { cursor, at: Number(at) };
  if (kind === "P" || kind === "R") {
    const lines = { queue: queue || null, type: type || null };
    return { ...what, kind: kind === "P" ? "paused" : "resumed", ...lines };
  }
  const known = kinds[kind];
  const after = status === "-" ? null : statusChars[status];
  // Of another version, or damaged: whoever listens should look again.
  if (known === undefined || after === undefined) return { ...what, kind: "gap" };
  const moved = { kind: known, id: fromShort(id), queue, type, status: after };
  if (known === "progress") return { ...what, ...moved, value: valueOf(more) };
  if (more === "") return { ...what, ...moved };
  const error = known === "lost" ? lostMessage(unescapeName(more)) : reasonOf(more);
  return { ...what, ...moved, error: error.slice(0, MAX_EVENT_ERROR) };
}

function valueOf(told: string): number {
  return Number(/"v":([^,}]+)/.exec(told)?.[1]);
}

/** Why a job failed or ended, by the last line of its state, of which the end may be cut off. */
function reasonOf(line: string): string {
  if (line.startsWith("!")) return textOf(line.slice(1));
  if (line.startsWith("<")) {
    const bar = line.indexOf("|");
    return `Parent '${fromShort(line.slice(1, bar))}' ${line.slice(bar + 1)}`;
  }
  const [, outcome, server = "", failure = line] =
    /^(\w)\|\d+\|[^|]*\|([^|]*)\|[^|]*\|(.*)$/s.exec(line) ?? [];
  return outcome === "l" ? lostMessage(unescapeName(server)) : textOf(failure);
}

/** The first JSON string that is a value: a reason, or the message of a failure. */
function textOf(json: string): string {
  const [, text = ""] = /^(?:\{"message":)?"((?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*)/.exec(json) ??
    [];
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
