/**
 * Schedules on Redis: each is a text in `schedules`, of which scripts read all but
 * the definition:
 *
 *     version|created|updated|last slot|last fired|last start|last outcome|last job
 *     source|scope|paused|custom|slot|due
 *     definition
 *
 * and a line of its history `number|at|slot|kind|outcome|job|count|note`.
 *
 * @module
 */

import { checkHistoryPage, checkScheduleQuery, replacedBy } from "../check_schedules.ts";
import {
  type FireOutcome,
  type FireReply,
  MAX_SCHEDULE_ENTRIES,
  MAX_SCHEDULES,
  type ScheduleChange,
  type ScheduleChangeReply,
  type ScheduleEntry,
  type ScheduleHistoryReply,
  type ScheduleNote,
  type ScheduleQuery,
  type ScheduleRecord,
  type SchedulesReply,
  type ScheduleState,
} from "../schedule_stage.ts";
import { bigName, MAX_INLINE, setBig } from "./big_text.ts";
import type { ClaimContext } from "./claim.ts";
import { encodeJob } from "./codec.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { fromShort, toShort } from "./short_id.ts";

type Arg = string | number;

/** See `ScheduleStage.changeSchedule`. */
export async function changeSchedule(
  { runner, retention }: ClaimContext,
  change: ScheduleChange,
): Promise<ScheduleChangeReply> {
  const { id, version, write, notes = [], fires = [] } = change;
  const tag = runner.newTag();
  const bigs: Arg[][] = [];
  const columns = fires.flatMap(({ slotAt, kind, overlap, job }, i): Arg[] => {
    const big = job.payload.length > MAX_INLINE ? bigName(tag, i, job.payload) : undefined;
    if (big !== undefined) bigs.push(setBig(runner, "big", big, job.payload));
    return [slotAt, kind, overlap, toShort(job.id), encodeJob(job, big).record];
  });
  const args = (again: boolean): Arg[] => [
    ...retention,
    again ? "1" : "",
    id,
    version ?? "",
    write === undefined ? "" : write === null ? "r" : "w",
    write ? encodeState(write) : "",
    MAX_SCHEDULES,
    MAX_SCHEDULE_ENTRIES,
    JSON.stringify(replacedBy(id)),
    notes.length,
    fires.length,
    ...notes.map(encodeNote),
    ...columns,
  ];
  const reply = await runner.call("change_schedule", args, bigs, tag) as string[];
  const [outcome, now, text, ...rest] = reply as ["done" | "stale" | "full", ...string[]];
  const record = text === "" ? null : decodeSchedule(id, text!);
  if (outcome !== "done") return { outcome, now: Number(now), record };
  const answers: FireReply[] = [];
  for (let i = 0; i < rest.length; i += 2) {
    answers.push({ outcome: rest[i] as FireOutcome, jobId: fromShort(rest[i + 1]!) });
  }
  return { outcome, now: Number(now), record, fires: answers };
}

function encodeState(state: ScheduleState): string {
  const { source, scope, paused, custom, slotAt, dueAt, definition } = state;
  const head = [source, scope ?? "", paused ? 1 : 0, custom ? 1 : 0, slotAt ?? "", dueAt ?? ""];
  return `${head.join("|")}\n${definition}`;
}

function encodeNote({ slotAt, outcome, count, note = "" }: ScheduleNote): string {
  return `${slotAt}|slot|${outcome}||${count ?? ""}|${note}`;
}

/** A schedule by its text. What cannot be read of it is left empty. */
function decodeSchedule(id: string, text: string): ScheduleRecord {
  const [head = "", line = ""] = text.split("\n", 2);
  const [version, created, updated, lastSlot, lastFired, lastStart, outcome, job] = head.split("|");
  const [source, scope, paused, custom, slot, due] = line.split("|");
  return {
    id,
    version: Number(version),
    definition: text.slice(head.length + line.length + 2),
    source: source as ScheduleRecord["source"],
    scope: scope || null,
    paused: paused === "1",
    custom: custom === "1",
    slotAt: timeOf(slot),
    dueAt: timeOf(due),
    createdAt: timeOf(created) ?? 0,
    updatedAt: timeOf(updated) ?? 0,
    lastSlotAt: timeOf(lastSlot),
    lastFiredAt: timeOf(lastFired),
    lastStartAt: timeOf(lastStart),
    lastOutcome: (outcome || null) as ScheduleRecord["lastOutcome"],
    lastJobId: job ? fromShort(job) : null,
  };
}

function timeOf(text: string | undefined): number | null {
  return text ? Number(text) : null;
}

/** See `ScheduleStage.schedules`. */
export async function schedules(
  runner: ScriptRunner,
  query: ScheduleQuery,
): Promise<SchedulesReply> {
  checkScheduleQuery(query);
  if ("ids" in query) {
    const { now, records } = await read(runner, [0, "i", ""], query.ids);
    return { now, records };
  }
  if ("limit" in query) {
    const { limit, cursor = "" } = query;
    const { now, records } = await read(runner, [limit + 1, "p", cursor], []);
    const page = records.slice(0, limit);
    return records.length > limit
      ? { now, records: page, cursor: page.at(-1)!.id }
      : { now, records: page };
  }
  const { now, next, records } = await read(runner, [query.due, "d", ""], query.can);
  // A plain one whose id is in `can` may be there twice.
  const waiting = [...new Map(records.map((record) => [record.id, record])).values()]
    .filter(({ dueAt }) => dueAt !== null);
  const isDue = ({ dueAt }: ScheduleRecord): boolean => dueAt! <= now;
  const plain = waiting.filter((record) => !record.custom && isDue(record));
  const custom = waiting.filter((record) => record.custom && isDue(record));
  const due = [...plain.slice(0, query.due), ...custom];
  const later = waiting.filter(({ dueAt }) => dueAt! > now).map(({ dueAt }) => dueAt!);
  const first = Math.min(...later, next ?? Infinity);
  return { now, records: due, nextInMs: first === Infinity ? null : Math.max(0, first - now) };
}

async function read(
  runner: ScriptRunner,
  args: readonly Arg[],
  ids: readonly string[],
): Promise<{ now: number; next: number | null; records: ScheduleRecord[] }> {
  const reply = await runner.call("read_schedules", [...args, ids.length, ...ids]);
  const [now, next, found] = reply as [string, string, string[]];
  const records: ScheduleRecord[] = [];
  for (let i = 0; i < found.length; i += 2) records.push(decodeSchedule(found[i]!, found[i + 1]!));
  return { now: Number(now), next: timeOf(next), records };
}

/** See `ScheduleStage.scheduleHistory`. */
export async function scheduleHistory(
  runner: ScriptRunner,
  id: string,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<ScheduleHistoryReply> {
  const below = checkHistoryPage(page);
  const all = await runner.command("LRANGE", [runner.key(`schedLog:${id}`), 0, -1]) as string[];
  const lines = all.filter((line) => Number.parseInt(line) < below);
  const some = lines.slice(0, page.limit);
  const entries = some.map(decodeLine);
  return lines.length > page.limit
    ? { entries, cursor: String(Number.parseInt(some.at(-1)!)) }
    : { entries };
}

function decodeLine(line: string): ScheduleEntry {
  const [, at, slot, kind, outcome, job, count] = line.split("|", 7) as string[];
  const note = line.split("|").slice(7).join("|");
  return {
    at: Number(at),
    slotAt: Number(slot),
    kind: kind as ScheduleEntry["kind"],
    outcome: outcome as ScheduleEntry["outcome"],
    ...(job ? { jobId: fromShort(job) } : undefined),
    ...(count ? { count: Number(count) } : undefined),
    ...(note ? { note } : undefined),
  };
}
