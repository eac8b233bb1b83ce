/** Steps of schedules. */

import type {
  NewJob,
  ScheduleChangeReply,
  ScheduleRecord,
  ScheduleState,
  Store,
} from "../../src/store/store.ts";
import type { Side } from "./claims.ts";
import type { Pair } from "./pair.ts";
import { UNIT } from "./steps.ts";
import type { StepOf, World } from "./world.ts";

/** More than there are. */
const ALL = 500;

/** Changes a schedule on both sides, each from its own version. */
export async function changeSchedule(world: World, step: StepOf<"schedule">): Promise<void> {
  const { pair, ids, ledger, versions, now } = world;
  const { id, write, fires = [], notes = [], stale = false } = step;
  const jobs = fires.map(({ job }) => world.maker.job(job));
  const before = await pair.store.getJobs(jobs.map((job) => job.id));
  ledger.saw(jobs.map((job, i) => [job.id, before[i]!]), now);
  const change = {
    id,
    ...(write === "same" ? {} : { write: write === "remove" ? null : stateOf(step, now) }),
    notes: notes.map((note, i) => ({ ...note, slotAt: now + i, note: "why|\n" })),
    fires: fires.map(({ kind, overlap }, i) => ({ kind, overlap, slotAt: now + i, job: jobs[i]! })),
  };
  const known = versions.get(id);
  if (known === undefined && (write === "same" || write === "remove")) return;
  const { store: reply } = await pair.both("changeSchedule", async (store, side) => {
    const version = known === undefined ? null : known[side] - (stale ? 1 : 0);
    const reply = await store.changeSchedule({ ...change, version });
    note(world, id, side, reply);
    return reply;
  }, withoutVersion);
  if (reply.outcome !== "done") return;
  for (const [i, { outcome, jobId }] of reply.fires.entries()) {
    if (outcome === "skipped" || outcome === "duplicate") continue;
    ids.add(jobId);
    accepted(world, jobs[i]!, outcome === "queued");
  }
}

function accepted({ ledger, now }: World, job: NewJob, isChild: boolean): void {
  const statuses = [isChild ? "deferred" : "ready"] as const;
  ledger.enqueued([[job]], [{ outcome: "created", statuses }], new Map(), now);
}

function note({ versions }: World, id: string, side: Side, reply: ScheduleChangeReply): void {
  const known = versions.get(id) ?? { model: 0, store: 0 };
  if (reply.record === null) versions.delete(id);
  else versions.set(id, { ...known, [side]: reply.record.version });
}

function stateOf({ write, in: units = 0 }: StepOf<"schedule">, now: number): ScheduleState {
  const isDue = write === "due" || write === "custom";
  return {
    definition: JSON.stringify({ write, text: "é|\n" }),
    source: "code",
    scope: write === "due" ? "shop" : null,
    paused: write === "paused",
    custom: write === "custom",
    slotAt: isDue ? now + units * UNIT : null,
    dueAt: isDue ? now + units * UNIT + 7 : null,
  };
}

/** Compares all schedules, their histories, and which are due. */
export async function compareSchedules(pair: Pair): Promise<void> {
  const { model } = await pair.both("schedules", (store) => store.schedules({ limit: ALL }), bare);
  for (const { id } of model.records) {
    await pair.both("scheduleHistory", (store) => historyOf(store, id));
  }
  const can = model.records.filter(({ custom }) => custom).map(({ id }) => id);
  await pair.both("due schedules", (store) => store.schedules({ due: 2, can }), bare);
}

async function historyOf(store: Store, id: string): Promise<unknown> {
  const first = await store.scheduleHistory(id, { limit: 70 });
  if (first.cursor === undefined) return first.entries;
  const rest = await store.scheduleHistory(id, { limit: 70, cursor: first.cursor });
  return [...first.entries, ...rest.entries];
}

/** The order of custom ones that are due is open. */
function bare<T extends { readonly records: readonly ScheduleRecord[] }>(reply: T): unknown {
  const records = reply.records.toSorted((a, b) => a.id < b.id ? -1 : 1);
  return { ...reply, records: records.map((record) => ({ ...record, version: 0 })) };
}

/** Versions differ between stores. */
function withoutVersion(reply: ScheduleChangeReply): unknown {
  return { ...reply, record: reply.record && { ...reply.record, version: 0 } };
}
