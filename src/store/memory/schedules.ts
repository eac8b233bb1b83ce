/**
 * Schedules in the memory store.
 *
 * @module
 */

import {
  checkHistoryPage,
  checkScheduleQuery,
  isRedefined,
  overlapOutcome,
  redefinedAt,
  replacedBy,
} from "../check_schedules.ts";
import {
  type FireReply,
  MAX_SCHEDULE_ENTRIES,
  MAX_SCHEDULES,
  type ScheduleChange,
  type ScheduleChangeReply,
  type ScheduleEntry,
  type ScheduleFire,
  type ScheduleHistoryReply,
  type ScheduleQuery,
  type ScheduleRecord,
  type SchedulesReply,
  type ScheduleState,
} from "../schedule_stage.ts";
import { stop } from "./control.ts";
import { addNew } from "./enqueue.ts";
import type { MemoryState } from "./state.ts";

/** A schedule and its history. */
export interface KeptSchedule {
  record: ScheduleRecord;
  /** Oldest first. */
  log: (ScheduleEntry & { readonly number: number })[];
}

/** See `ScheduleStage.changeSchedule`. */
export function changeSchedule(state: MemoryState, change: ScheduleChange): ScheduleChangeReply {
  const { id, version, write, notes = [], fires = [] } = change;
  const { schedules } = state;
  const now = state.clock.now();
  const kept = schedules.get(id);
  if ((kept?.record.version ?? null) !== version) {
    return { outcome: "stale", now, record: kept?.record ?? null };
  }
  if (kept === undefined && schedules.size >= MAX_SCHEDULES) {
    return { outcome: "full", now, record: null };
  }
  const record = kept?.record ?? newRecord(id, now, write!);
  const schedule = {
    record: { ...record, ...write, version: state.nextNumber() },
    log: [...kept?.log ?? []],
  };
  if (isRedefined(record, schedule.record)) {
    schedule.record = { ...schedule.record, updatedAt: redefinedAt(record, now) };
  }
  for (const note of notes) tell(state, schedule, { ...note, at: now, kind: "slot" });
  const replies = fires.map((one) => fire(state, schedule, one));
  if (write === null) {
    schedules.delete(id);
    return { outcome: "done", now, record: null, fires: replies };
  }
  const first = nextDueAt(state);
  schedules.set(id, schedule);
  if (nextDueAt(state) < first) state.wakes.upkeep();
  return { outcome: "done", now, record: schedule.record, fires: replies };
}

function newRecord(id: string, now: number, write: ScheduleState): ScheduleRecord {
  return {
    ...write,
    id,
    version: 0,
    createdAt: now,
    updatedAt: now,
    lastSlotAt: null,
    lastFiredAt: null,
    lastStartAt: null,
    lastOutcome: null,
    lastJobId: null,
  };
}

/** Writes a line of history. */
function tell(state: MemoryState, schedule: KeptSchedule, entry: ScheduleEntry): void {
  schedule.log.push({ ...entry, number: state.nextNumber() });
  schedule.log = schedule.log.slice(-MAX_SCHEDULE_ENTRIES);
  schedule.record = { ...schedule.record, lastOutcome: entry.outcome };
}

function fire(state: MemoryState, schedule: KeptSchedule, one: ScheduleFire): FireReply {
  const now = state.clock.now();
  const { slotAt, kind } = one;
  const reply = enqueueIfWanted(state, schedule.record, one);
  tell(state, schedule, { at: now, slotAt, kind, ...reply });
  const { outcome, jobId } = reply;
  schedule.record = {
    ...schedule.record,
    ...(kind === "slot" ? { lastSlotAt: slotAt } : undefined),
    ...(kind === "start" ? { lastStartAt: now } : undefined),
    ...(outcome === "skipped" ? undefined : { lastFiredAt: now, lastJobId: jobId }),
  };
  return reply;
}

function enqueueIfWanted(
  state: MemoryState,
  { id, lastJobId }: ScheduleRecord,
  { overlap, job }: ScheduleFire,
): FireReply {
  if (state.jobs.has(job.id)) return { outcome: "duplicate", jobId: job.id };
  const last = lastJobId === null ? undefined : state.jobs.get(lastJobId);
  const outcome = overlapOutcome(overlap, last?.status);
  if (outcome === "skipped") return { outcome, jobId: last!.job.id };
  if (outcome === "replaced") stop(state, last!, replacedBy(id));
  addNew(state, job, outcome === "queued" ? last : undefined);
  return { outcome, jobId: job.id };
}

/** When the first schedule that anybody can compute is due. */
function nextDueAt(state: MemoryState): number {
  let first = Infinity;
  for (const { record: { custom, dueAt } } of state.schedules.values()) {
    if (!custom && dueAt !== null) first = Math.min(first, dueAt);
  }
  return first;
}

/** See `ScheduleStage.schedules`. */
export function schedules(state: MemoryState, query: ScheduleQuery): SchedulesReply {
  checkScheduleQuery(query);
  const now = state.clock.now();
  if ("ids" in query) {
    const found = query.ids.map((id) => state.schedules.get(id)?.record);
    return { now, records: found.filter((record) => record !== undefined) };
  }
  const all = [...state.schedules.values()].map(({ record }) => record);
  if ("limit" in query) {
    const { limit, cursor = "" } = query;
    const records = all.filter(({ id }) => id > cursor).sort((a, b) => a.id < b.id ? -1 : 1);
    const page = records.slice(0, limit);
    return records.length > limit
      ? { now, records: page, cursor: page.at(-1)!.id }
      : { now, records: page };
  }
  const waiting = all.filter(({ id, custom, dueAt }) =>
    dueAt !== null && (!custom || query.can.includes(id))
  );
  const isDue = ({ dueAt }: ScheduleRecord): boolean => dueAt! <= now;
  waiting.sort((a, b) => a.dueAt! - b.dueAt! || (a.id < b.id ? -1 : 1));
  const plain = waiting.filter(({ custom }) => !custom);
  const records = [
    ...plain.filter(isDue).slice(0, query.due),
    ...waiting.filter(isDue)
      .filter(({ custom }) => custom),
  ];
  const next = waiting.find((record) => !records.includes(record));
  const nextInMs = next === undefined ? null : Math.max(0, next.dueAt! - now);
  return { now, records, nextInMs };
}

/** See `ScheduleStage.scheduleHistory`. */
export function scheduleHistory(
  state: MemoryState,
  id: string,
  page: { readonly limit: number; readonly cursor?: string },
): ScheduleHistoryReply {
  const below = checkHistoryPage(page);
  const lines = (state.schedules.get(id)?.log ?? []).filter(({ number }) => number < below)
    .reverse();
  const some = lines.slice(0, page.limit);
  const entries = some.map(({ number: _, ...entry }) => entry);
  return lines.length > page.limit ? { entries, cursor: String(some.at(-1)!.number) } : { entries };
}
