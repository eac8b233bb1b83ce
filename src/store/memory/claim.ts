/**
 * Claims, leases and their end in the memory store.
 *
 * @module
 */

import { type Attempt, type ClaimedJob, MAX_ATTEMPTS_KEPT } from "../../job/job.ts";
import type {
  ClaimReply,
  ClaimRequest,
  ClaimSource,
  HeartbeatReply,
  HeartbeatRequest,
  Hold,
  StepReply,
} from "../store.ts";
import { type Entry, toRecord } from "./entry.ts";
import { promote } from "./ready.ts";
import {
  firstInLine,
  isDue,
  isReady,
  type Lane,
  type MemoryState,
  type Node,
  peekAlive,
} from "./state.ts";

/** Due jobs that one claim makes ready at most. */
const PROMOTED_PER_CLAIM = 256;

/** See `ClaimStage.claim`. */
export function claim(state: MemoryState, request: ClaimRequest): ClaimReply {
  promote(state, PROMOTED_PER_CLAIM);
  const jobs: ClaimedJob[] = [];
  for (const source of request.sources) {
    const share = Math.min(source.share, request.limit - jobs.length);
    take(state, request, source, share, jobs);
  }
  for (const source of request.sources) {
    take(state, request, source, request.limit - jobs.length, jobs);
  }
  const next = peekAlive(state.due, isDue);
  const nextDueInMs = next === undefined ? null : Math.max(0, next.key - state.clock.now());
  return { jobs, nextDueInMs };
}

/** Claims up to `wanted` jobs of one source. */
function take(
  state: MemoryState,
  request: ClaimRequest,
  source: ClaimSource,
  wanted: number,
  into: ClaimedJob[],
): void {
  if (wanted <= 0) return;
  const lanes = lanesOf(state, request, source);
  const { server, pool, leaseMs } = request;
  const now = state.clock.now();
  while (wanted > 0) {
    const lane = firstLane(lanes);
    if (lane === undefined) return;
    const { entry } = lane.ready.pop()!;
    const { expireAt } = entry.job.settings;
    if (expireAt !== undefined && expireAt <= now && entry.attemptsMade === 0) {
      state.finish(entry, "canceled", "expired");
      continue;
    }
    const fence = state.nextFence();
    state.hold(entry, { fence, server, pool, claimedAt: now, leaseUntil: now + leaseMs });
    into.push(toRecord(entry) as ClaimedJob);
    wanted--;
  }
}

/** The lanes that a source may take from. */
function lanesOf(state: MemoryState, request: ClaimRequest, source: ClaimSource): readonly Lane[] {
  const queues = source.queue === null ? otherQueues(state, request) : [source.queue];
  return queues.flatMap((queue) => {
    const types = state.lanes.get(queue);
    return source.types.map((type) => types?.get(type)).filter((lane) => lane !== undefined);
  });
}

/** The queues that no source names. */
function otherQueues(state: MemoryState, { sources }: ClaimRequest): readonly string[] {
  const named = new Set(sources.map(({ queue }) => queue));
  return [...state.lanes.keys()].filter((queue) => !named.has(queue));
}

/** The lane whose first ready job comes before those of all others. */
function firstLane(lanes: readonly Lane[]): Lane | undefined {
  let best: Lane | undefined;
  let first: Node | undefined;
  for (const lane of lanes) {
    const node = peekAlive(lane.ready, isReady);
    if (node === undefined || (first !== undefined && !firstInLine(node, first))) continue;
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
  const known = new Set<Entry>();
  for (const hold of request.holds) {
    const entry = heldBy(state, hold);
    if (entry === undefined) {
      lost.push(hold);
    } else {
      entry.holder = { ...entry.holder!, leaseUntil };
      known.add(entry);
    }
  }
  const unknown: Hold[] = [];
  for (const entry of state.processing) {
    if (entry.holder!.server !== request.server || known.has(entry)) continue;
    unknown.push({ id: entry.job.id, fence: entry.holder!.fence });
  }
  return { lost, unknown };
}

/** See `ClaimStage.reap`. */
export function reap(
  state: MemoryState,
  { limit, maxDeliveries }: { readonly limit: number; readonly maxDeliveries: number },
): StepReply {
  const now = state.clock.now();
  const leases = [...state.processing].sort((a, b) => a.holder!.leaseUntil - b.holder!.leaseUntil);
  const ended = leases.filter((entry) => entry.holder!.leaseUntil <= now).slice(0, limit);
  for (const entry of ended) {
    const { server, pool, claimedAt } = entry.holder!;
    const message = `Lease ended: server '${server}' is presumed dead`;
    entry.deliveries++;
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
    else state.makeReady(entry, "old");
  }
  const next = leases[ended.length];
  return {
    moved: ended.length,
    nextInMs: next === undefined ? null : Math.max(0, next.holder!.leaseUntil - now),
  };
}

/** Records a finished attempt; the oldest go. */
export function addAttempt(entry: Entry, attempt: Attempt): void {
  entry.attemptsMade++;
  entry.startedAt = attempt.startedAt;
  entry.attempts = [...entry.attempts, attempt].slice(-MAX_ATTEMPTS_KEPT);
}
