/**
 * Records as text: what a job was enqueued with (`jobs`), what became of it
 * (`state`), who holds it (`claims`). The scripts in `lua/` take the same texts
 * apart; payload, settings and results are opaque to them. They are read in record_text.ts,
 * state_text.ts and claim_text.ts.
 *
 *     record   created|PP|flags|queue|type NL settings NL payload
 *     state    status|retries|attempts|deliveries|fence|time|flags
 *              then lines: an attempt each, `!` and an error, `=` and the result,
 *              `<` and `parent|how` for a parent whose end canceled it
 *     attempt  outcome|finished|ran|server|pool|error
 *     claim    fence|seq sep claimed|tag|server|pool|queue|PPtype
 *
 * @module
 */

import type { Holder, JobRecord, JobSettings, LogLine, Progress } from "../../job/job.ts";
import type { JobStatus } from "../../job/state.ts";
import type { NewJob } from "../store.ts";
import { HIGHEST, RecordReader } from "./record_text.ts";
import { fromShort } from "./short_id.ts";
import { type DecodedState, decodeState } from "./state_text.ts";

/** A job's lane: `queue|PPtype`, PP falling with the priority. */
export function laneOf({ queue, priority, type }: NewJob): string {
  return `${queue}|${prioOf(priority)}${type}`;
}

const prios: readonly string[] = Array.from(
  { length: 2 * HIGHEST + 1 },
  (_, number) => String(number).padStart(2, "0"),
);

/** A priority as keys have it: two digits that rise as it falls. */
export function prioOf(priority: number): string {
  return prios[HIGHEST - priority]!;
}

/** When a new job is due, as scripts take it: `+ms` from now or from its release, ms, or `""` for at once. */
export function timeOf({ delayMs, runAt }: NewJob): string {
  if (delayMs !== undefined) return `+${Math.ceil(delayMs)}`;
  return runAt === undefined ? "" : String(Math.max(0, Math.ceil(runAt)));
}

/** Whether a new job is due at once, at the end of its line, and its settings are for nobody but a handler. */
export function isPlain({ settings, delayMs, runAt, atFront }: NewJob): boolean {
  return delayMs === undefined && runAt === undefined && atFront !== true &&
    settings.expireAt === undefined && settings.retention === undefined &&
    settings.deadLetter !== false && settings.limitKey === undefined &&
    settings.unique === undefined && settings.dependsOn === undefined;
}

/** What stands before the payload in the record of a plain job, as `encodeJob` makes it. */
export function plainHead({ priority, queue, type, settings }: NewJob): string {
  return `${prioOf(priority)}||${queue}|${type}\n${settingsText(settings)}\n`;
}

/** Settings as a record has them; empty if there are none. */
function settingsText(settings: JobSettings): string {
  for (const key in settings) {
    if (settings[key as keyof JobSettings] !== undefined) return JSON.stringify(settings);
  }
  return "";
}

/**
 * A new job's record without its time, which the script puts before it, and what its lane entry says.
 *
 * @param big Name of the key that has the payload.
 * @param draft Name of the draft that it belongs to.
 */
export function encodeJob(
  job: NewJob,
  big: string | undefined,
  draft: string = "",
): { record: string; sep: string } {
  const { queue, type, settings, payload } = job;
  const { expireAt, retention, deadLetter, limitKey } = settings;
  let special = "";
  if (expireAt !== undefined) special += `;x${expireAt};`;
  if (retention?.completedMs !== undefined) special += `;c${retention.completedMs};`;
  if (retention?.failedMs !== undefined) special += `;f${retention.failedMs};`;
  if (retention?.maxCount !== undefined) special += `;k${retention.maxCount};`;
  if (deadLetter === false) special += ";n;";
  if (big !== undefined) special += `;b${big};`;
  const { dependsOn } = settings;
  const waits = draft !== "" || (dependsOn !== undefined && dependsOn.length > 0);
  if (waits) special += ";g;";
  if (limitKey !== undefined) special += `;l${limitKey};`;
  const { key = null, until, ttlMs } = settings.unique ?? {};
  if (key !== null) {
    special += `;u${key},${until![0]},${ttlMs === undefined ? "" : Math.ceil(ttlMs)};`;
  }
  const front = job.atFront === true;
  let flags = special;
  const time = timeOf(job);
  if (time !== "") flags += ";t;";
  if (time !== "" && (waits || job.onConflict === "rerun")) flags += `;w${time};`;
  if (front) flags += ";a;";
  if (draft !== "") flags += `;q${draft};`;
  const head = `${prioOf(job.priority)}|${flags}|${queue}|${type}\n${settingsText(settings)}\n`;
  const sep = special === "" ? (front ? "^" : "|") : (front ? "&" : "!");
  return { record: big === undefined ? head + payload : head, sep };
}

/** What running handlers told. */
function decodeTold(
  told: string,
  logs: readonly string[],
): { progress: Progress | null; logs: LogLine[] } {
  const lines = logs.map((line) => {
    const bar = line.indexOf("|");
    return { at: Number(line.slice(0, bar)), text: line.slice(bar + 1) };
  });
  return { progress: told === "" ? null : decodeProgress(told), logs: lines };
}

/** Null for what cannot be read: the job can do without. */
function decodeProgress(told: string): Progress | null {
  const bar = told.indexOf("|");
  const at = Number(told.slice(0, bar));
  try {
    const { v: value, m: message } = JSON.parse(told.slice(bar + 1)) as { v: number; m?: string };
    return message === undefined ? { value, at } : { value, message, at };
  } catch {
    return null;
  }
}

/** All that Redis says of a job. */
export interface RawJob {
  readonly id: string;
  readonly record: string;
  readonly state: string;
  readonly holder: Holder | null;
  readonly runAt: number | null;
  readonly told: string;
  readonly logs: readonly string[];
  /** Short ids of the parents that it waits for, if it is deferred. */
  readonly pending?: readonly string[];
}

/** A whole record, and the names of the keys where its payload and its result are kept apart. */
export interface DecodedRecord {
  readonly record: JobRecord;
  readonly bigPayload: string | undefined;
  readonly bigResult: string | undefined;
}

/**
 * Puts a job together.
 *
 * @param reader Reads the records of a batch.
 * @throws {RangeError} If what was stored of it cannot be read.
 */
export function decodeRecord(
  raw: RawJob,
  reader: RecordReader = new RecordReader(),
): DecodedRecord {
  const { holder, runAt, pending } = raw;
  const job = reader.read(raw.record);
  const state = raw.state === "" ? undefined : decodeState(raw.state);
  const told = raw.told === "" && raw.logs.length === 0
    ? { progress: null, logs: [] }
    : decodeTold(raw.told, raw.logs);
  const waits = pending !== undefined && pending.length > 0;
  const record: JobRecord = {
    id: fromShort(raw.id),
    type: job.type,
    queue: job.queue,
    priority: job.priority,
    status: waits ? "deferred" : statusOf(state, holder !== null, runAt !== null),
    payload: job.payload,
    settings: job.settings,
    createdAt: job.createdAt,
    runAt,
    startedAt: holder?.claimedAt ?? state?.attempts.at(-1)?.startedAt ?? null,
    finishedAt: holder === null ? state?.finishedAt ?? null : null,
    retryCount: state?.retryCount ?? 0,
    attemptsMade: state?.attemptsMade ?? 0,
    deliveries: state?.deliveries ?? 0,
    attempts: state?.attempts ?? [],
    error: state?.error ?? null,
    result: state?.result ?? null,
    progress: told.progress,
    logs: told.logs,
    holder,
    // A draft is no job.
    pendingParents: waits ? pending.filter((id) => !id.startsWith("#")).map(fromShort) : [],
    canceledBy: state?.canceledBy ?? null,
  };
  const bigPayload = job.big === undefined ? undefined : `big:${job.big}`;
  const bigResult = state?.bigResult ? `res:${raw.id}:${state.fence}` : undefined;
  return { record, bigPayload, bigResult };
}

function statusOf(state: DecodedState | undefined, held: boolean, delayed: boolean): JobStatus {
  if (held) return "processing";
  switch (state?.status) {
    case "c":
      return "completed";
    case "d":
      return "dead_letter";
    case "x":
      return "canceled";
    case "t":
      return "stopped";
    case "r":
      return delayed ? "retry" : "ready";
    default:
      return delayed ? "scheduled" : "ready";
  }
}

/** Statuses as scripts name them. */
export const statusChars: Readonly<Record<string, JobStatus>> = {
  c: "completed",
  d: "dead_letter",
  x: "canceled",
  t: "stopped",
  b: "deferred",
  r: "retry",
  s: "scheduled",
  p: "processing",
  w: "ready",
  f: "failed",
};
