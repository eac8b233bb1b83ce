/**
 * Claims, leases and their end in the memory store.
 *
 * @module
 */

import { type Attempt, type ClaimedJob, MAX_ATTEMPTS_KEPT } from "../../job/job.ts";
import type {
  CanceledHold,
  ClaimReply,
  ClaimRequest,
  ClaimSource,
  HeartbeatReply,
  HeartbeatRequest,
  Hold,
  StepReply,
} from "../store.ts";
import { type Entry, toClaimed } from "./entry.ts";
import { withoutAhead } from "../ahead.ts";
import { lostMessage } from "../lost_message.ts";
import { promote } from "./ready.ts";
import { forgetSilent, noteServer } from "./servers.ts";
import { isDue, isReady, type Node, peekAlive } from "./nodes.ts";
import type { Lane, MemoryState } from "./state.ts";

/** Due jobs that one claim makes ready at most. */
const PROMOTED_PER_CLAIM = 256;

/** Expired jobs that one look at some lanes cancels at most. */
const EXPIRED_PER_CLAIM = 1000;

/** Jobs that one look at some lanes parks at most. */
const PARKED_PER_CLAIM = 1000;

/** See `ClaimStage.claim`. */
export function claim(state: MemoryState, asked: ClaimRequest): ClaimReply {
  promote(state, PROMOTED_PER_CLAIM);
  const { parking, meters } = state;
  const request = meters.rules.size > 0 ? withoutAhead(asked) : asked;
  const jobs: ClaimedJob[] = [];
  for (const source of request.sources) {
    serve(state, request, source, Math.min(source.share, request.limit - jobs.length), jobs);
  }
  for (const source of request.sources) {
    serve(state, request, source, request.limit - jobs.length, jobs);
  }
  const firstAhead = jobs[asked.limit - (asked.ahead ?? 0)];
  if (firstAhead !== undefined) state.startMarks.begin(firstAhead.holder);
  if (jobs.length < request.limit) noteWaiting(state, request);
  const next = peekAlive(state.due, isDue);
  const dueInMs = next === undefined ? null : Math.max(0, next.key - state.clock.now());
  const lookInMs = parking.nextInMs();
  const nextDueInMs = lookInMs === null ? dueInMs : Math.min(lookInMs, dueInMs ?? Infinity);
  return { jobs, nextDueInMs };
}

/** Notes the types of which jobs wait for the next token. */
function noteWaiting(state: MemoryState, { sources }: ClaimRequest): void {
  const { meters, parking } = state;
  if (meters.rules.size === 0) return;
  const named = new Set(sources.map(({ queue }) => queue));
  for (const { queue, types } of sources) {
    const queues = queue === null
      ? [...state.lanes.keys()].filter((one) => !named.has(one))
      : [queue];
    for (const { type, ready } of queues.flatMap((one) => lanesOf(state, one, types))) {
      const meter = meters.ofType(type);
      if (meter === undefined || meters.room(meter) > 0) continue;
      const ms = meters.untilMore(meter);
      if (ms !== null && peekAlive(ready, isReady) !== undefined) parking.typeWaits(type, ms);
    }
  }
}

/** Claims up to `wanted` jobs of one source. */
function serve(
  state: MemoryState,
  request: ClaimRequest,
  { queue, types }: ClaimSource,
  wanted: number,
  into: ClaimedJob[],
): void {
  if (wanted <= 0) return;
  if (queue !== null) return void take(state, request, lanesOf(state, queue, types), wanted, into);
  const queues = queuesInTurn(state, request, types);
  const share = Math.ceil(wanted / queues.length);
  let left = wanted;
  for (const [name, lanes] of queues) {
    if (left === 0) return;
    left -= take(state, request, lanes, Math.min(share, left), into);
    state.turns.set(request.pool, name);
  }
  for (const [, lanes] of queues) left -= take(state, request, lanes, left, into);
}

/** Claims up to `wanted` jobs of some lanes, and tells how many. */
function take(
  state: MemoryState,
  { server, pool, leaseMs }: ClaimRequest,
  lanes: readonly Lane[],
  wanted: number,
  into: ClaimedJob[],
): number {
  const now = state.clock.now();
  let taken = 0;
  let expired = 0;
  let parked = 0;
  while (taken < wanted) {
    const lane = firstLane(state, lanes);
    if (lane === undefined) break;
    const { entry } = lane.ready.pop()!;
    const { expireAt } = entry.job.settings;
    const mayExpire = entry.attemptsMade === 0 && !entry.keepsOn;
    if (expireAt !== undefined && expireAt <= now && mayExpire) {
      state.finish(entry, "canceled", "expired");
      if (++expired < EXPIRED_PER_CLAIM) continue;
      // The rest is left to the next claim, for which the pool must wake.
      state.wakes.ready(lane.queue, lane.type);
      break;
    }
    if (state.parking.park(entry)) {
      if (++parked < PARKED_PER_CLAIM) continue;
      state.wakes.ready(lane.queue, lane.type);
      break;
    }
    const fence = state.nextFence();
    state.hold(entry, { fence, server, pool, claimedAt: now, leaseUntil: now + leaseMs });
    into.push(toClaimed(entry));
    taken++;
  }
  return taken;
}

/** The lanes of a queue that jobs of these types may be claimed from. */
function lanesOf(state: MemoryState, queue: string, types: readonly string[]): readonly Lane[] {
  const lanes = state.lanes.get(queue);
  return types.map((type) => lanes?.get(type)).filter((lane) => lane !== undefined)
    .filter(({ type }) => !state.isPaused(queue, type));
}

/** The queues that no source names and that have work, beginning after the one served last. */
function queuesInTurn(
  state: MemoryState,
  request: ClaimRequest,
  types: readonly string[],
): readonly (readonly [string, readonly Lane[]])[] {
  const named = new Set(request.sources.map(({ queue }) => queue));
  const queues = [...state.lanes.keys()]
    .filter((queue) => !named.has(queue))
    .map((queue) => [queue, lanesOf(state, queue, types)] as const)
    .filter(([, lanes]) => firstLane(state, lanes) !== undefined);
  if (queues.length < 2) return queues;
  queues.sort(([a], [b]) => a < b ? -1 : 1);
  const last = state.turns.get(request.pool) ?? "";
  const next = Math.max(0, queues.findIndex(([queue]) => queue > last));
  return [...queues.slice(next), ...queues.slice(0, next)];
}

/** The lane whose first ready job comes before those of all others; of a type that has room. */
function firstLane({ parking }: MemoryState, lanes: readonly Lane[]): Lane | undefined {
  let best: Lane | undefined;
  let first: Node | undefined;
  for (const lane of lanes) {
    const node = peekAlive(lane.ready, isReady);
    if (node === undefined || (first !== undefined && node.key > first.key)) continue;
    if (parking.typeRoom(lane.type) === 0) continue;
    best = lane;
    first = node;
  }
  return best;
}

/** The entry that a hold stands for, if it is still the latest claim. */
export function heldBy(state: MemoryState, hold: Hold): Entry | undefined {
  const entry = state.jobs.get(hold.id);
  return entry?.holder?.fence === hold.fence ? entry : undefined;
}

/** See `ClaimStage.heartbeat`. */
export function heartbeat(state: MemoryState, request: HeartbeatRequest): HeartbeatReply {
  const leaseUntil = state.clock.now() + request.leaseMs;
  const lost: Hold[] = [];
  const canceled: CanceledHold[] = [];
  const known = new Set<Entry>();
  for (const hold of request.holds) {
    const entry = heldBy(state, hold);
    if (entry === undefined) {
      const other = state.jobs.get(hold.id);
      const isCalledOff = other?.status === "canceled" || other?.status === "stopped";
      if (isCalledOff) canceled.push({ ...hold, reason: other.error ?? "" });
      else lost.push(hold);
    } else {
      entry.holder = { ...entry.holder!, leaseUntil };
      known.add(entry);
    }
  }
  if (request.isPart) return { lost, unknown: [], canceled };
  const unknown: Hold[] = [];
  for (const entry of state.processing) {
    if (entry.holder!.server !== request.server || known.has(entry)) continue;
    unknown.push({ id: entry.job.id, fence: entry.holder!.fence });
  }
  return noteServer(state, request)
    ? { lost, unknown, canceled, wantsAbout: true }
    : { lost, unknown, canceled };
}

/** See `ClaimStage.reap`. */
export function reap(
  state: MemoryState,
  { limit, maxDeliveries }: { readonly limit: number; readonly maxDeliveries: number },
): StepReply {
  forgetSilent(state);
  const now = state.clock.now();
  const leases = [...state.processing].sort((a, b) => a.holder!.leaseUntil - b.holder!.leaseUntil);
  const ended = leases.filter((entry) => entry.holder!.leaseUntil <= now).slice(0, limit);
  for (const entry of ended) {
    if (state.startMarks.isAhead(entry.holder!)) {
      entry.suspect = true;
      state.giveBack(entry);
      continue;
    }
    const { server, pool, claimedAt } = entry.holder!;
    const message = lostMessage(server);
    entry.deliveries++;
    state.insight.count(entry.lane, "lost", now);
    addAttempt(entry, {
      attempt: entry.attemptsMade + 1,
      startedAt: claimedAt,
      finishedAt: now,
      outcome: "lost",
      server,
      pool,
      error: { message },
    });
    entry.error = message;
    if (entry.deliveries >= maxDeliveries) state.finish(entry, "dead_letter", message);
    else {
      state.makeReady(entry, "old");
      state.events.job("lost", entry, { error: message });
    }
  }
  state.startMarks.keepOf(state.processing);
  const next = leases[ended.length];
  return {
    moved: ended.length,
    nextInMs: next === undefined ? null : Math.max(0, next.holder!.leaseUntil - now),
  };
}

/** Records a finished attempt; the oldest go. */
export function addAttempt(entry: Entry, attempt: Attempt): void {
  entry.attemptsMade++;
  entry.suspect = false;
  entry.startedAt = attempt.startedAt;
  const kept = entry.attempts.slice(1 - MAX_ATTEMPTS_KEPT);
  kept.push(attempt);
  entry.attempts = kept;
}
