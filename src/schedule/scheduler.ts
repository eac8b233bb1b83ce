/**
 * Fires schedules that are due: plans each from what the store says, and lets the
 * store decide. Any number of processes may do so at once: of those who come with
 * one version of a schedule, one is accepted, and the others have nothing to do.
 *
 * @module
 */

import type { Logger } from "../logger.ts";
import type {
  FireReply,
  ScheduleChangeReply,
  ScheduleFire,
  ScheduleNote,
  ScheduleRecord,
  StepReply,
  Store,
} from "../store/store.ts";
import type { EnqueueSpan, Tracing } from "../tracing.ts";
import { stateOf } from "./change.ts";
import { type Definition, jobOf, readDefinition, slotJobId } from "./definition.ts";
import { noteOf, planSlots, RETRY_MS } from "./plan.ts";
import { type NextSlot, type Timing, timingOf } from "./timing.ts";

/** Schedules of one round. */
const ROUND = 100;
/** Definitions kept as they were read. */
const MAX_KEPT = 1000;

/** What a scheduler works with. */
export interface SchedulerOptions {
  readonly store: Store;
  readonly logger: Logger;
  /** Functions of the custom schedules that this process defines, by id. */
  readonly custom: ReadonlyMap<string, NextSlot>;
  /** Follows every fire. */
  readonly tracing?: Tracing;
}

/** A fire, and what follows it. */
interface FollowedFire {
  readonly fire: ScheduleFire;
  readonly span: EnqueueSpan;
}

interface Read {
  readonly definition: Definition;
  readonly timing: Timing;
}

/** The schedules of a store, as one process fires them. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #can: readonly string[];
  readonly #kept = new Map<string, Read>();

  /** @param options Which store. */
  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#can = [...options.custom.keys()];
  }

  /** Fires at most 100 schedules that are due; what fails is logged, and keeps no other from being fired. */
  async round(): Promise<StepReply> {
    const { store } = this.#options;
    const { now, records, nextInMs = null } = await store.schedules({ due: ROUND, can: this.#can });
    const next = await Promise.all(records.map((record) => this.#fire(record, now)));
    const waits = next.filter((dueAt) => dueAt !== null).map((dueAt) => Math.max(0, dueAt - now));
    const first = Math.min(nextInMs ?? Infinity, ...waits);
    return { moved: records.length, nextInMs: first === Infinity ? null : first };
  }

  /** Fires one, and tells when it is due again; null if that is not known. */
  async #fire(record: ScheduleRecord, now: number): Promise<number | null> {
    const { store, logger, tracing } = this.#options;
    const { id, version } = record;
    let followed: readonly FollowedFire[] = [];
    try {
      const { slotAt, dueAt, notes, fires: planned } = this.#plan(record, now);
      if (tracing !== undefined) followed = planned.map((fire) => follow(fire, tracing));
      const fires = tracing === undefined ? planned : followed.map(({ fire }) => fire);
      const write = { ...stateOf(record), slotAt, dueAt };
      const reply = await store.changeSchedule({ id, version, write, notes, fires });
      if (reply.outcome === "done") {
        this.#log(id, notes, fires, reply);
        followed.forEach((one, i) => tellFired(one, reply.fires[i]!));
      }
      return reply.record?.dueAt ?? null;
    } catch (error) {
      logger.error("Schedule could not be fired", { schedule: id, error });
      for (const { span } of followed) span.failed(error);
      return null;
    }
  }

  #plan(record: ScheduleRecord, now: number): {
    readonly slotAt: number | null;
    readonly dueAt: number | null;
    readonly notes: readonly ScheduleNote[];
    readonly fires: readonly ScheduleFire[];
  } {
    const { id, slotAt } = record;
    let read: Read;
    try {
      read = this.#read(record);
    } catch (error) {
      const note = { slotAt: slotAt ?? now, outcome: "error", note: noteOf(error) } as const;
      return { slotAt, dueAt: now + RETRY_MS, notes: [note], fires: [] };
    }
    const { definition, timing } = read;
    const plan = planSlots(record, definition, timing, now);
    const fires = plan.fires.map((slotAt): ScheduleFire => {
      const slot = { id, slotAt };
      const job = jobOf(definition, slot, slotJobId(slot));
      return { slotAt, kind: "slot", overlap: definition.overlap, job };
    });
    return { ...plan, fires };
  }

  #read({ id, definition: text }: ScheduleRecord): Read {
    const known = this.#kept.get(text);
    const definition = known?.definition ?? readDefinition(text);
    const custom = this.#options.custom.get(id);
    // The text of a custom one does not tell its function.
    if (known !== undefined && custom === undefined) return known;
    const read = { definition, timing: timingOf(definition.timing, custom) };
    if (this.#kept.size === MAX_KEPT) this.#kept.clear();
    this.#kept.set(text, read);
    return read;
  }

  #log(
    schedule: string,
    notes: readonly ScheduleNote[],
    fires: readonly ScheduleFire[],
    reply: Extract<ScheduleChangeReply, { outcome: "done" }>,
  ): void {
    const { logger } = this.#options;
    for (const { outcome, slotAt, count = 1, note } of notes) {
      if (outcome === "error") logger.error("Schedule is in error", { schedule, slotAt, note });
      else logger.warn("Slots of schedule were missed", { schedule, slotAt, count });
    }
    for (const [i, { slotAt }] of fires.entries()) {
      const { outcome, jobId } = reply.fires[i]!;
      logger.debug("Slot of schedule came", { schedule, slotAt, outcome, job: jobId });
    }
  }
}

/** Begins to follow a fire, on whose span its job hangs: in a trace of its own, or in that which the schedule names. */
function follow(fire: ScheduleFire, tracing: Tracing): FollowedFire {
  const { job } = fire;
  const { schedule: slot, trace: parent } = job.settings;
  const span = tracing.enqueue({ jobs: [job], parent, slot });
  const { trace = parent } = span;
  if (trace === undefined) return { fire, span };
  return { fire: { ...fire, job: { ...job, settings: { ...job.settings, trace } } }, span };
}

/** One that enqueued no job of its own is not told of. */
function tellFired({ fire: { job }, span }: FollowedFire, { outcome, jobId: id }: FireReply): void {
  if (outcome === "skipped" || outcome === "duplicate") return;
  const { type, queue, settings: { trace } } = job;
  span.enqueued([{ id, type, queue, isNew: true, trace }]);
}
