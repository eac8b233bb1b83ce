/**
 * Stage 3 in SQLite: which jobs a pool gets.
 *
 * @module
 */

import type { ClaimedJob } from "../../job/job.ts";
import type { ClaimReply, ClaimRequest, ClaimSource } from "../store.ts";
import { withoutAhead } from "../ahead.ts";
import { READY_COLUMNS, type ReadyRow, toClaimed } from "./codec.ts";
import { tellJob } from "./events.ts";
import { ENDING_COLUMNS, type EndingRow } from "./finish.ts";
import { type LaneName, READY_LANES } from "./lanes.ts";
import { giveFreed } from "./limits.ts";
import { mergeLanes, type MergeOrder } from "./merge.ts";
import { hasClaimable, lookAround, NEXT_LOOK, park, spend, typeWaits } from "./parking.ts";
import { pauseFilter } from "./pause.ts";
import { cancelExpired, NEXT_DUE, promote, untilNext } from "./ready.ts";
import { IS_CLAIMABLE, STATUS_CODE } from "./schema.ts";
import { beginMark } from "./start_marks.ts";
import type { Transaction } from "./transaction.ts";

/** The order in which ready jobs are claimed. */
export const CLAIM_ORDER: MergeOrder<ReadyRow> = {
  range: `SELECT ${READY_COLUMNS} FROM jobs WHERE ${IS_CLAIMABLE} AND lane = ?`,
  orderBy: "priority DESC, order_seq",
  compare: (a, b) => b.priority - a.priority || a.order_seq - b.order_seq,
};
/** Gives a job to a holder. */
export const HOLD_JOB = `
UPDATE jobs SET status = ${STATUS_CODE.processing}, moved = ?, fence = ?, server = ?, pool = ?,
  claimed_at = ?, started_at = ?, lease_until = ?
WHERE n = ?`;

/** Due jobs that one claim makes ready at most. */
const PROMOTED_PER_CLAIM = 256;
/** Expired jobs that one claim cancels at most; their successors are left to the next one. */
const EXPIRED_PER_CLAIM = 1000;
/** Jobs that one claim parks at most; those behind them are left to the next one. */
const PARKED_PER_CLAIM = 1000;
/** Up to this many lanes a source is read without asking first which have jobs. */
const FEW_LANES = 8;

/** Queue that a pool's source without a name was served from last, by pool. */
export type Turns = Map<string, string>;

/** See `ClaimStage.claim`. */
export function claim(tx: Transaction, asked: ClaimRequest, turns: Turns): ClaimReply {
  const { nextInMs } = promote(tx, PROMOTED_PER_CLAIM);
  if (tx.hasLimits) {
    giveFreed(tx);
    lookAround(tx);
  }
  const { ahead = 0 } = asked;
  const isLimited = ahead > 0 && tx.hasLimits && tx.meters.hasRules();
  const request = isLimited ? withoutAhead(asked) : asked;
  const claiming = new Claiming(tx, request, turns);
  for (const source of request.sources) claiming.serve(source, source.share);
  for (const source of request.sources) claiming.serve(source, request.limit);
  const firstAhead = claiming.jobs[asked.limit - ahead];
  if (firstAhead !== undefined) beginMark(tx.db, firstAhead.holder);
  // A child of an expired job may have become the next one due.
  const nextDueInMs = claiming.changes > 0 ? untilNext(tx.db, tx.now, NEXT_DUE) : nextInMs;
  if (!tx.hasLimits) return { jobs: claiming.jobs, nextDueInMs };
  if (claiming.jobs.length < request.limit) claiming.noteWaiting();
  const lookInMs = claiming.isCut ? 0 : untilNext(tx.db, tx.now, NEXT_LOOK);
  const soonest = Math.min(nextDueInMs ?? Infinity, lookInMs ?? Infinity);
  return { jobs: claiming.jobs, nextDueInMs: soonest === Infinity ? null : soonest };
}

/** One claim in the making. */
class Claiming {
  readonly jobs: ClaimedJob[] = [];
  /** Jobs that expired and so released children. */
  changes: number = 0;
  /** Whether it ended before all was looked at. */
  isCut: boolean = false;
  readonly #tx: Transaction;
  readonly #request: ClaimRequest;
  readonly #turns: Turns;
  readonly #exhausted = new Set<ClaimSource>();
  readonly #isPaused: (name: LaneName) => boolean;
  #expired = 0;
  #parked = 0;
  #ready: ReadonlySet<number> | undefined;

  constructor(tx: Transaction, request: ClaimRequest, turns: Turns) {
    this.#tx = tx;
    this.#request = request;
    this.#turns = turns;
    this.#isPaused = tx.hasPauses ? pauseFilter(tx.db) : () => false;
  }

  /** Claims up to `wanted` jobs of a source, as far as the limit goes. */
  serve(source: ClaimSource, wanted: number): void {
    const most = Math.min(wanted, this.#request.limit - this.jobs.length);
    if (most <= 0 || this.#exhausted.has(source)) return;
    const before = this.changes;
    const got = source.queue === null
      ? this.#takeInTurn(source.types, most)
      : this.#take(source.queue, source.types, this.#lanesOf(source.queue, source.types), most);
    if (got < most && this.changes === before) this.#exhausted.add(source);
  }

  /**
   * Claims from the queues that no source names: an equal share from each, then
   * the rest, beginning after the queue that was served last.
   */
  #takeInTurn(types: readonly string[], wanted: number): number {
    const queues = this.#otherQueues(types);
    if (queues.length === 0) return 0;
    const key = this.#request.pool;
    const last = this.#turns.get(key) ?? "";
    const at = Math.max(0, queues.findIndex(([queue]) => queue > last));
    const inTurn = [...queues.slice(at), ...queues.slice(0, at)];
    const share = Math.ceil(wanted / inTurn.length);
    let left = wanted;
    for (const [queue, lanes] of inTurn) {
      if (left === 0) break;
      left -= this.#take(queue, types, lanes, Math.min(share, left));
      this.#turns.set(key, queue);
    }
    for (const [queue, lanes] of inTurn) {
      if (left === 0) break;
      left -= this.#take(queue, types, lanes, left);
    }
    return wanted - left;
  }

  /** The queues with ready jobs of these types that no source names, by name. */
  #otherQueues(types: readonly string[]): [string, number[]][] {
    const named = new Set(this.#request.sources.map(({ queue }) => queue));
    const wanted = new Set(types);
    const queues = new Map<string, number[]>();
    for (const lane of this.#readyLanes()) {
      const name = this.#tx.lanes.name(lane);
      const { queue } = name;
      if (named.has(queue) || !wanted.has(name.type) || this.#isPaused(name)) continue;
      if (!this.#hasRoom(name.type) || !this.#hasClaimable(lane)) continue;
      const lanes = queues.get(queue);
      if (lanes === undefined) queues.set(queue, [lane]);
      else lanes.push(lane);
    }
    return [...queues].sort(([a], [b]) => a < b ? -1 : 1);
  }

  /** The lanes of a queue that may have ready jobs of these types. */
  #lanesOf(queue: string, types: readonly string[]): number[] {
    const lanes: number[] = [];
    for (const type of new Set(types)) {
      const lane = this.#tx.lanes.find(queue, type);
      if (lane === undefined || this.#isPaused({ queue, type }) || !this.#hasRoom(type)) continue;
      lanes.push(lane);
    }
    // A job released by this claim may be in a lane that had none.
    if (lanes.length <= FEW_LANES || this.changes > 0) return lanes;
    return lanes.filter((lane) => this.#readyLanes().has(lane));
  }

  /** Whether the rule of a type, if it has one, lets another claim begin. */
  #hasRoom(type: string): boolean {
    if (!this.#tx.hasLimits) return true;
    const meter = this.#tx.meters.ofType(type);
    return meter === undefined || this.#tx.meters.room(meter) > 0;
  }

  #hasClaimable(lane: number): boolean {
    return !this.#tx.hasLimits || hasClaimable(this.#tx.db, lane);
  }

  /** Notes the types of which jobs wait for the next token. */
  noteWaiting(): void {
    const { lanes, meters, db } = this.#tx;
    const named = new Set(this.#request.sources.map(({ queue }) => queue));
    for (const { queue, types } of this.#request.sources) {
      for (const type of types) {
        const meter = meters.ofType(type);
        if (meter === undefined || meters.room(meter) > 0) continue;
        const ms = meters.untilMore(meter);
        const isMeant = (lane: number): boolean => {
          const name = lanes.name(lane);
          const isOfSource = queue === null ? !named.has(name.queue) : queue === name.queue;
          return isOfSource && !this.#isPaused(name) && hasClaimable(db, lane);
        };
        if (ms !== null && lanes.ofType(type).some(isMeant)) typeWaits(this.#tx, type, ms);
      }
    }
  }

  #readyLanes(): ReadonlySet<number> {
    return this.#ready ??= readyLanes(this.#tx);
  }

  /**
   * Claims up to `wanted` jobs of a queue's types, in order.
   *
   * @param found The lanes that had ready jobs when they were looked for.
   */
  #take(queue: string, types: readonly string[], found: readonly number[], wanted: number): number {
    let lanes = this.changes > 0 ? this.#lanesOf(queue, types) : found;
    let left = wanted;
    while (left > 0 && this.#expired < EXPIRED_PER_CLAIM && !this.isCut) {
      const asked = left;
      if (this.#tx.hasLimits) {
        lanes = lanes.filter((lane) => this.#hasRoom(this.#tx.lanes.name(lane).type));
      }
      const rows = mergeLanes(this.#tx.db, CLAIM_ORDER, lanes, [], asked);
      const before = this.changes;
      for (const row of rows) {
        if (!this.#hasRoomFor(row)) continue;
        if (!this.#isExpired(row)) {
          if (this.#isParked(row)) continue;
          this.#hold(row);
          left--;
        } else if (this.#cancel(row)) {
          // Its children may go before the rows read.
          this.changes++;
          this.#exhausted.clear();
          this.#ready = undefined;
          lanes = this.#lanesOf(queue, types);
          break;
        }
      }
      if (this.changes === before && rows.length < asked) return wanted - left;
    }
    // Expired jobs used up what one claim may do: those behind them are found by
    // the next one, which must not wait for new jobs.
    if (left > 0) { for (const lane of lanes) this.#tx.woken.add(lane); }
    return wanted - left;
  }

  /** Whether the rule of its type has room for a job. */
  #hasRoomFor({ lane }: ReadyRow): boolean {
    return !this.#tx.hasLimits || this.#hasRoom(this.#tx.lanes.name(lane).type);
  }

  /** Parks a job if its key has no room. */
  #isParked(row: ReadyRow): boolean {
    if (!this.#tx.hasLimits || !park(this.#tx, row)) return false;
    this.isCut = ++this.#parked >= PARKED_PER_CLAIM;
    return true;
  }

  #isExpired({ expire_at: expireAt, attempts_made: attemptsMade }: ReadyRow): boolean {
    return expireAt !== null && expireAt <= this.#tx.now && attemptsMade === 0;
  }

  /** Cancels an expired job; tells whether that released children. */
  #cancel({ n }: ReadyRow): boolean {
    const { db, relays } = this.#tx;
    const before = relays.released;
    const row = db.get<EndingRow>(`SELECT ${ENDING_COLUMNS} FROM jobs WHERE n = ?`, n)!;
    this.#expired++;
    cancelExpired(this.#tx, row);
    giveFreed(this.#tx);
    return relays.released > before;
  }

  #hold(row: ReadyRow): void {
    const { now } = this.#tx;
    const { server, pool, leaseMs } = this.#request;
    const leaseUntil = Math.ceil(now + leaseMs);
    const fence = this.#tx.nextFence();
    const moved = this.#tx.nextMoved();
    this.#tx.db.run(HOLD_JOB, moved, fence, server, pool, now, now, leaseUntil, row.n);
    this.#tx.moved(row.lane, STATUS_CODE.ready, STATUS_CODE.processing);
    tellJob(this.#tx, "started", row, STATUS_CODE.processing);
    if (this.#tx.hasLimits) spend(this.#tx, row);
    const holder = { fence, server, pool, claimedAt: now, leaseUntil };
    this.jobs.push(toClaimed(this.#tx.db, this.#tx.lanes, row, holder));
  }
}

/** Lanes that have ready jobs, those of this transaction included. */
function readyLanes(tx: Transaction): ReadonlySet<number> {
  const lanes = new Set(tx.tally.grownReadyLanes());
  for (const { lane } of tx.db.all<{ lane: number }>(READY_LANES)) lanes.add(lane);
  return lanes;
}
