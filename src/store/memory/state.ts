/**
 * Everything that the memory store remembers, and the one way in which a job
 * changes its status.
 *
 * Ready jobs stand in a heap per queue and type, delayed ones in a heap by due
 * time, and so on. An entry that leaves a status stays in that status's heap
 * until it comes out; `alive` tells whether a node still means anything. So
 * every move costs O(log n), whatever is removed from wherever.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Holder } from "../../job/job.ts";
import { finalStatuses, isFinal, type JobStatus, statuses } from "../../job/state.ts";
import { countedAs } from "../counted_as.ts";
import type { EndStatus, PauseTarget, RetentionLimits, ServerRecord } from "../store.ts";
import { COUNTED_OUT_PER_END, keepMs } from "../retention.ts";
import { HolderWatch } from "../holder_watch.ts";
import { WakeHub } from "../wake.ts";
import { Desk } from "./desk.ts";
import { dueTime, type Entry, toRecord } from "./entry.ts";
import { EventRing } from "./events.ts";
import { FinalWaiters } from "./final_waiters.ts";
import { Graph } from "./graph.ts";
import { Quotas } from "./quotas.ts";
import { RetainedList } from "./retained_list.ts";
import type { Heap } from "../../heap.ts";
import { byKey, isDue, isExpiring, isPurging, isReady, type Node, peekAlive } from "./nodes.ts";
import type { KeptSchedule } from "./schedules.ts";
import { ErrorGroups } from "./errors.ts";
import { Insight } from "./insight.ts";
import { Meters } from "./meters.ts";
import { Parking } from "./parking.ts";
import { StartMarks } from "./start_marks.ts";

/** The jobs of one queue and type. */
export interface Lane {
  readonly queue: string;
  readonly type: string;
  /** The ready ones, in the order in which they are claimed. */
  readonly ready: Heap<Node>;
  /** How many there are in each status. */
  readonly counts: Record<JobStatus, number>;
  /** How many there are. */
  total: number;
}

/** One level of priority, in places: more than there will ever be, and exact as a number. */
const PRIORITY_STEP = 2 ** 46;
/** Jobs above the count limit that one ended job takes with it at most. */
const TRIMMED_PER_FINISH = 2;
/** Nodes without meaning that a heap may hold besides as many as there are jobs. */
const SPARE_NODES = 1000;

/** The jobs of one memory store. */
export class MemoryState {
  readonly clock: Clock;
  readonly limits: RetentionLimits;
  readonly jobs: Map<string, Entry> = new Map();
  readonly processing: Set<Entry> = new Set();
  /** Jobs by queue, then type. */
  readonly lanes: Map<string, Map<string, Lane>> = new Map();
  readonly due: Heap<Node> = byKey();
  readonly expiring: Heap<Node> = byKey();
  readonly purging: Heap<Node> = byKey();
  /** Final jobs by status, then queue. */
  readonly retained: Map<JobStatus, Map<string, RetainedList>> = new Map(
    finalStatuses.map((status) => [status, new Map()]),
  );
  /** Final jobs with a number of their own. */
  readonly quotas: Quotas = new Quotas();
  /** Queue that a pool's source without a name was served from last, by pool. */
  readonly turns: Map<string, string> = new Map();
  readonly wakes: WakeHub = new WakeHub();
  readonly holders: HolderWatch = new HolderWatch();
  readonly finals: FinalWaiters = new FinalWaiters();
  readonly insight: Insight = new Insight();
  readonly errors: ErrorGroups = new ErrorGroups();
  /** What happens. */
  readonly events: EventRing;
  readonly graph: Graph = new Graph(this);
  readonly meters: Meters;
  readonly parking: Parking = new Parking(this);
  /** The newest job with a key, by the key. */
  readonly owners: Map<string, Entry> = new Map();
  /** What is paused, by a text that says what it is. */
  readonly paused: Map<string, PauseTarget> = new Map();
  /** Schedules by id. */
  readonly schedules: Map<string, KeptSchedule> = new Map();
  /** Those who told what they are, by id. */
  readonly servers: Map<string, ServerRecord> = new Map();
  readonly startMarks: StartMarks = new StartMarks();
  readonly desk: Desk;
  #arrivals = 0;
  #fence = 0;
  #moves = 0;
  #numbers = 0;
  #lastOrder = 0;
  #firstOrder = 0;

  /** @param clock Decides what is due. @param limits Default retention. */
  constructor(clock: Clock, limits: RetentionLimits) {
    this.clock = clock;
    this.limits = limits;
    this.events = new EventRing(clock);
    this.meters = new Meters(clock);
    this.desk = new Desk(clock);
  }

  /** A number higher than any that was given before. */
  nextNumber(): number {
    return ++this.#numbers;
  }

  /** The next fence: higher than any before, also if the clock steps back. */
  nextFence(): number {
    this.#fence = Math.max(this.#fence + 1, Math.floor(this.clock.now() * 1000));
    return this.#fence;
  }

  /** Whether nothing may be claimed of a queue and type. */
  isPaused(queue: string, type: string): boolean {
    if (this.paused.size === 0) return false;
    return [[queue, null], [null, type], [queue, type]]
      .some((target) => this.paused.has(JSON.stringify(target)));
  }

  /** The lane of a queue and type. */
  lane(queue: string, type: string): Lane {
    let types = this.lanes.get(queue);
    if (types === undefined) this.lanes.set(queue, types = new Map());
    let lane = types.get(type);
    if (lane === undefined) {
      const counts = Object.fromEntries(statuses.map((status) => [status, 0]));
      lane = { queue, type, ready: byKey(), counts: counts as Lane["counts"], total: 0 };
      types.set(type, lane);
    }
    return lane;
  }

  /** Writes a new job: it waits for parents, for its time, or for a claim. */
  add(entry: Entry): void {
    entry.number = ++this.#arrivals;
    this.jobs.set(entry.job.id, entry);
    this.#mayExpire(entry);
    if (entry.pending !== undefined && entry.pending.size > 0) this.#count(entry, "deferred", 1);
    else this.#enterLine(entry);
    this.events.job("created", entry);
  }

  /** Moves a job whose parents have let it go on, as if it were new. */
  release(entry: Entry): void {
    this.#waits(entry);
    this.#leave(entry);
    this.#enterLine(entry);
    this.events.job(entry.status === "ready" ? "ready" : "scheduled", entry);
  }

  /** Moves a job to `deferred`: it has parents to wait for. */
  defer(entry: Entry): void {
    this.#leave(entry);
    this.#count(entry, "deferred", 1);
  }

  /** Moves a job to `scheduled` or `retry`, due at a time. */
  delay(entry: Entry, status: "scheduled" | "retry", runAt: number): void {
    this.#leave(entry);
    this.#delayed(entry, status, runAt);
  }

  /**
   * Moves a job to `ready`: to its old place, to the end of its line, or to where
   * it was enqueued to go: the front, if it was never started and so enqueued.
   */
  makeReady(entry: Entry, place: "old" | "end" | "own"): void {
    if (place !== "old") this.#waits(entry);
    this.#leave(entry);
    this.#enterReady(entry, place);
  }

  /** Gives a claimed job back unharmed. */
  giveBack(entry: Entry): void {
    entry.startedAt = entry.attempts.at(-1)?.startedAt ?? null;
    this.makeReady(entry, "old");
    this.#mayExpire(entry);
    this.events.job("released", entry);
  }

  /** Moves a job to `processing`. */
  hold(entry: Entry, holder: Holder): void {
    this.#count(entry, "ready", -1);
    this.#count(entry, "processing", 1);
    this.processing.add(entry);
    this.parking.claimed(entry);
    entry.holder = holder;
    entry.startedAt = holder.claimedAt;
    this.events.job("started", entry);
  }

  /** Moves a job to a final status, and on to nowhere if it is not to be kept. */
  finish(entry: Entry, status: EndStatus, error: string | null): void {
    const now = this.clock.now();
    this.#leave(entry);
    this.#count(entry, status, 1);
    this.insight.count(entry.lane, countedAs(status), now);
    entry.finishedAt = now;
    entry.error = error;
    this.events.job(status, entry, error === null ? {} : { error });
    this.finals.resolve(entry.job.id, () => toRecord(entry));
    const keep = keepMs(entry.job.settings, status, this.limits);
    if (keep === 0) {
      this.#forget(entry);
    } else {
      entry.purgeAt = keep < 0 ? null : now + keep;
      if (entry.purgeAt !== null) {
        this.#push(this.purging, isPurging, { entry, key: entry.purgeAt });
      }
      const list = this.#retainedList(entry);
      list.entries.add(entry);
      this.quotas.ended(entry, COUNTED_OUT_PER_END, (oldest) => this.remove(oldest));
      for (let i = 0; i < TRIMMED_PER_FINISH; i++) if (!this.trim(list)) break;
    }
    this.graph.ended(entry, `ended as ${status}`);
  }

  /** Takes a final job out of retention, as it is to run again. */
  bringBack(entry: Entry): void {
    this.#unretain(entry);
    entry.purgeAt = null;
    entry.finishedAt = null;
  }

  /** Removes the oldest job of a list above the limit; false if there is none above it. */
  trim(list: RetainedList): boolean {
    if (list.entries.size <= this.limits.maxCount) return false;
    this.remove(list.oldest()!);
    return true;
  }

  /** Removes a job for good: a final one, or one that waits. */
  remove(entry: Entry): void {
    const final = isFinal(entry.status);
    const wasReady = entry.status === "ready";
    if (final) this.#unretain(entry);
    else this.finals.resolve(entry.job.id, () => null);
    this.#forget(entry);
    if (wasReady) this.#leftLine(entry);
    if (!final) this.graph.ended(entry, "was removed");
  }

  #unretain(entry: Entry): void {
    const { entries } = this.#retainedList(entry);
    entries.delete(entry);
    this.quotas.delete(entry);
    if (entries.size === 0) this.retained.get(entry.status)!.delete(entry.job.queue);
  }

  /** Puts a job into `expiring`, unless it is there. */
  #mayExpire(entry: Entry): void {
    const { expireAt } = entry.job.settings;
    if (expireAt === undefined || entry.listedToExpire) return;
    entry.listedToExpire = true;
    this.#push(this.expiring, isExpiring, { entry, key: expireAt });
  }

  /** The final jobs of a queue and status. */
  #retainedList({ job, status }: Entry): RetainedList {
    const byQueue = this.retained.get(status)!;
    let list = byQueue.get(job.queue);
    if (list === undefined) byQueue.set(job.queue, list = new RetainedList());
    return list;
  }

  #forget(entry: Entry): void {
    this.#count(entry, entry.status, -1);
    this.jobs.delete(entry.job.id);
    this.graph.forget(entry);
    const key = entry.job.settings.unique?.key;
    if (key !== undefined && key !== null && this.owners.get(key) === entry) {
      this.owners.delete(key);
    }
    entry.purgeAt = null;
    entry.runAt = null;
    entry.removed = true;
    const { queue, type, total } = entry.lane;
    if (total > 0) return;
    const types = this.lanes.get(queue);
    types?.delete(type);
    if (types?.size === 0) this.lanes.delete(queue);
  }

  /** Adds a node, and drops those without meaning when they have become the most. */
  #push(heap: Heap<Node>, alive: (node: Node) => boolean, node: Node): void {
    heap.push(node);
    if (heap.size > 2 * this.jobs.size + SPARE_NODES) heap.keep(alive);
  }

  /** Puts a job where its due time says. */
  #enterLine(entry: Entry): void {
    const now = this.clock.now();
    const runAt = dueTime(entry.job, now);
    if (runAt > now) this.#delayed(entry, "scheduled", runAt);
    else this.#enterReady(entry, "own");
  }

  /** Notes since when a job waits that is about to become ready: since it was due. */
  #waits(entry: Entry): void {
    if (entry.status === "ready") return;
    entry.readyAt = Math.min(entry.runAt ?? Infinity, this.clock.now());
  }

  #enterReady(entry: Entry, place: "old" | "end" | "own"): void {
    const { queue, type, atFront } = entry.job;
    if (place !== "old") {
      const first = place === "own" && entry.attemptsMade === 0 && atFront === true;
      const order = first ? --this.#firstOrder : ++this.#lastOrder;
      entry.order = order - entry.job.priority * PRIORITY_STEP;
    }
    entry.runAt = null;
    this.#count(entry, "ready", 1);
    this.#push(entry.lane.ready, isReady, { entry, key: entry.order });
    this.wakes.ready(queue, type);
  }

  #delayed(entry: Entry, status: "scheduled" | "retry", runAt: number): void {
    entry.runAt = runAt;
    this.#count(entry, status, 1);
    const next = peekAlive(this.due, isDue);
    this.#push(this.due, isDue, { entry, key: runAt });
    if (next === undefined || runAt < next.key) this.wakes.all();
  }

  #leave(entry: Entry): void {
    const { status } = entry;
    this.#count(entry, status, -1);
    entry.runAt = null;
    if (status === "ready") {
      this.#leftLine(entry);
    } else if (status === "processing") {
      this.processing.delete(entry);
      entry.holder = null;
      this.parking.freed(entry);
    }
  }

  /** A ready job goes, and not to run: the next one of its key may stand in its place. */
  #leftLine(entry: Entry): void {
    const { limitKey } = entry.job.settings;
    if (limitKey !== undefined && !entry.parked) this.parking.putBack(limitKey);
    entry.parked = false;
  }

  #count(entry: Entry, status: JobStatus, change: 1 | -1): void {
    if (change === 1) {
      entry.status = status;
      entry.moved = ++this.#moves;
    }
    entry.lane.counts[status] += change;
    entry.lane.total += change;
  }
}
