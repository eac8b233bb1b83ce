/**
 * One writing transaction: its time, the numbers it hands out, and what others
 * are told once it is committed.
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import type { RetentionLimits } from "../store.ts";
import type { Database } from "./database.ts";
import { InsightTally } from "./insight_tally.ts";
import type { Lanes } from "./lanes.ts";
import type { Pairs } from "./pairs.ts";
import { cutEvents } from "./events.ts";
import { giveFreed, wakeFreedTypes } from "./limits.ts";
import { Meters } from "./meters.ts";
import { RelayQueue } from "./relay_queue.ts";
import { STATUS_CODE } from "./schema.ts";
import { Tally } from "./tally.ts";

interface MetaRow {
  last_order: number;
  last_front: number;
  last_moved: number;
  last_fence: number;
  last_lane: number;
  lanes_epoch: number;
  last_cancel: number;
  paused: number;
  relays: number;
  last_event: number;
  heard_until: number;
  limited: number;
  least: number;
}

const READ_META = `
SELECT last_order, last_front, last_moved, last_fence, last_lane, lanes_epoch, last_cancel, paused,
  relays, last_event, heard_until, limited, least FROM meta`;
const WRITE_META = `
UPDATE meta SET last_order = ?, last_front = ?, last_moved = ?, last_fence = ?, last_lane = ?,
  lanes_epoch = ?, last_cancel = ?, paused = ?, relays = ?, last_event = ?, heard_until = ?,
  limited = ?
WHERE one = 1`;

/** A job that ended, or has gone: its record, if it is to be seen. */
export interface FinalAnswer {
  readonly id: string;
  readonly record: JobRecord | null;
}

/** Jobs of a queue that ended in a status. */
export interface Ended {
  readonly queue: string;
  readonly status: number;
  count: number;
}

/** What must be known of a job that leaves its line, or its holder. */
export interface LeavingLineRow {
  readonly lane: number;
  readonly status: number;
  readonly limit_key: string | null;
  readonly parked: number;
}

/** How many rows some tables have, as `meta` says. */
export interface TableSizes {
  readonly paused: number;
  readonly relays: number;
  /** Of `limits` and `looks`. */
  readonly limited: number;
}

/** What every transaction of a store works with. */
export interface TransactionContext {
  readonly db: Database;
  readonly lanes: Lanes;
  readonly pairs: Pairs;
  readonly limits: RetentionLimits;
  /** Whether somebody in this process waits for the end of a job. */
  readonly isAwaited: (id: string) => boolean;
}

/** The open transaction. */
export class Transaction {
  readonly db: Database;
  readonly lanes: Lanes;
  readonly pairs: Pairs;
  readonly limits: RetentionLimits;
  readonly isAwaited: (id: string) => boolean;
  /** Epoch milliseconds, the same throughout. */
  readonly now: number;
  /** Changes of the counts. */
  readonly tally: Tally = new Tally();
  /** What ended. */
  readonly insight: InsightTally = new InsightTally();
  /** Lanes that got ready jobs. */
  readonly woken: Set<number> = new Set();
  /** Ends that somebody in this process waits for. */
  readonly finals: FinalAnswer[] = [];
  /** Servers that held a job that was canceled. */
  readonly canceledHolders: Set<string> = new Set();
  /** Jobs whose children are to be told. */
  readonly relays: RelayQueue;
  /** Whether children are left to be told by later transactions. */
  leavesRelays: boolean = false;
  /** Whether there are events that somebody listens to. */
  tells: boolean = false;
  /** Types and keys of which slots got free. */
  readonly freedTypes: Set<string> = new Set();
  readonly freedKeys: Set<string> = new Set();
  readonly meters: Meters;
  /** Whether a rule was set: who sleeps until a token comes may have to sleep less. */
  limitsSet: boolean = false;
  /** Earliest due time of the jobs that were delayed. */
  earliestDue: number = Infinity;
  /** Whether a schedule was written. */
  slotsChanged: boolean = false;
  /** Jobs that ended and were kept, by queue and status. */
  #ended = new Map<string, Ended>();
  readonly #meta: MetaRow;
  #metaChanged = false;

  /** To be made right after BEGIN. */
  constructor(context: TransactionContext, now: number) {
    this.db = context.db;
    this.lanes = context.lanes;
    this.pairs = context.pairs;
    this.limits = context.limits;
    this.isAwaited = context.isAwaited;
    this.now = now;
    this.#meta = { ...this.db.get<MetaRow>(READ_META)! };
    this.relays = new RelayQueue(this.db, this.#meta.relays);
    this.lanes.refresh(this.#meta.last_lane, this.#meta.lanes_epoch);
    this.meters = new Meters(this);
  }

  /** The next place at the end of the lines. */
  nextOrder(): number {
    this.#metaChanged = true;
    return ++this.#meta.last_order;
  }

  /** The next place at the front of the lines. */
  nextFront(): number {
    this.#metaChanged = true;
    return --this.#meta.last_front;
  }

  /** The next number of a change of status. */
  nextMoved(): number {
    this.#metaChanged = true;
    return ++this.#meta.last_moved;
  }

  /** The next fence: higher than any before, also if the last one was lost with the file's tail. */
  nextFence(): number {
    this.#metaChanged = true;
    this.#meta.last_fence = Math.max(this.#meta.last_fence + 1, this.now * 1000);
    return this.#meta.last_fence;
  }

  /** Number of a lane; makes the lane if there is none. */
  lane(queue: string, type: string): number {
    const known = this.lanes.find(queue, type);
    if (known !== undefined) return known;
    this.#metaChanged = true;
    const lane = ++this.#meta.last_lane;
    this.lanes.create(lane, queue, type);
    return lane;
  }

  /** Tells all connections that lanes were removed. */
  lanesRemoved(): void {
    this.#metaChanged = true;
    this.#meta.lanes_epoch++;
    this.lanes.forget();
  }

  /** Notes that a job is new in a status, or moves from one to another. */
  moved(lane: number, from: number | undefined, to: number): void {
    if (from !== undefined) this.tally.add(lane, from, -1);
    this.tally.add(lane, to, 1);
    if (to === STATUS_CODE.ready) this.woken.add(lane);
  }

  /** Notes that a job ended and is kept. */
  ended(lane: number, status: number): void {
    const { queue } = this.lanes.name(lane);
    const key = `${status} ${queue}`;
    const ended = this.#ended.get(key);
    if (ended === undefined) this.#ended.set(key, { queue, status, count: 1 });
    else ended.count++;
  }

  /** Jobs that ended and were kept since the last call, by queue and status. */
  takeEnded(): Iterable<Ended> {
    if (this.#ended.size === 0) return [];
    const ended = this.#ended;
    this.#ended = new Map();
    return ended.values();
  }

  /**
   * Notes what the children of a job are to be told: how it ended, or, where
   * that is null, that those canceled by the end of a parent are to be revived.
   */
  relay(
    { n, id }: { readonly n: number; readonly id: string },
    how: string | null,
    completed: boolean,
  ): void {
    this.relays.add({ parent: n, id, how, completed, before: this.nextMoved(), cursor: 0 });
  }

  /** Notes that a job was canceled that a server holds. */
  holderCanceled(server: string): void {
    this.#metaChanged = true;
    if (this.canceledHolders.size === 0) this.#meta.last_cancel++;
    this.canceledHolders.add(server);
  }

  /** Number of the last transaction that canceled jobs that somebody held. */
  get lastCancel(): number {
    return this.#meta.last_cancel;
  }

  /** Least layout that a program must know to work on the file. */
  get leastLayout(): number {
    return this.#meta.least;
  }

  /** Whether somebody listens to what happens. */
  get isHeard(): boolean {
    return this.now < this.#meta.heard_until;
  }

  /** Whether events were kept when somebody looked last. */
  get wasHeard(): boolean {
    return this.#meta.heard_until > 0;
  }

  /** Until when events are kept; 0 when there are none. */
  hearUntil(at: number): void {
    this.#metaChanged = true;
    this.#meta.heard_until = at;
  }

  /** The number of the next event. */
  nextEvent(): number {
    this.#metaChanged = true;
    this.tells = true;
    return ++this.#meta.last_event;
  }

  /** Whether anything is paused. */
  get hasPauses(): boolean {
    return this.#meta.paused > 0;
  }

  /** Notes that there are more or fewer rows of `paused`. */
  pausesChanged(change: 1 | -1): void {
    this.#metaChanged = true;
    this.#meta.paused += change;
  }

  /** Whether there are rules, or jobs that stand aside for one that was removed. */
  get hasLimits(): boolean {
    return this.#meta.limited > 0;
  }

  /** Notes that there are more or fewer rows of `limits` and `looks`. */
  limitsChanged(change: number): void {
    if (change === 0) return;
    this.#metaChanged = true;
    this.#meta.limited += change;
  }

  /** Notes that a job, with these columns until now, is no longer claimed, or claimable. */
  leaves({ lane, status, limit_key: key, parked }: LeavingLineRow): void {
    if (!this.hasLimits) return;
    if (status === STATUS_CODE.processing) {
      this.meters.recount();
      this.freedTypes.add(this.lanes.name(lane).type);
      if (key !== null) this.freedKeys.add(key);
    } else if (status === STATUS_CODE.ready && parked === 0 && key !== null) {
      this.freedKeys.add(key);
    }
  }

  /** Notes how many rows some tables have, where `meta` is wrong. */
  recount({ paused, relays, limited }: TableSizes): void {
    this.#metaChanged = true;
    this.#meta.paused = paused;
    this.#meta.limited = limited;
    this.relays.recount(relays);
  }

  /** Notes that a job was delayed. */
  delayed(runAt: number): void {
    this.earliestDue = Math.min(this.earliestDue, runAt);
  }

  /** Writes what was added up. To be called right before COMMIT. */
  flush(): void {
    giveFreed(this);
    if (this.freedTypes.size > 0) wakeFreedTypes(this);
    this.tally.flush(this.db);
    this.insight.flush(this.db, this.lanes, this.pairs, this.now);
    this.leavesRelays = this.relays.flush();
    const meta = this.#meta;
    if (this.tells) cutEvents(this, meta.last_event);
    if (!this.#metaChanged && meta.relays === this.relays.stored) return;
    meta.relays = this.relays.stored;
    this.db.run(
      WRITE_META,
      meta.last_order,
      meta.last_front,
      meta.last_moved,
      meta.last_fence,
      meta.last_lane,
      meta.lanes_epoch,
      meta.last_cancel,
      meta.paused,
      meta.relays,
      meta.last_event,
      meta.heard_until,
      meta.limited,
    );
  }
}
