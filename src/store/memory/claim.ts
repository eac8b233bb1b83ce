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
import type { Heap } from "./heap.ts";
import { promote } from "./ready.ts";
import { isDue, isReady, type MemoryState, type Node, peekAlive } from "./state.ts";

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
  const lines = linesOf(state, request, source);
  while (wanted > 0) {
    const line = firstLine(lines);
    if (line === undefined) return;
    const { entry } = line.pop()!;
    const now = state.clock.now();
    const { expireAt } = entry.job.settings;
    if (expireAt !== undefined && expireAt <= now && entry.attemptsMade === 0) {
      state.finish(entry, "canceled", "expired");
      continue;
    }
    const { server, pool, leaseMs } = request;
    const holder = {
      fence: state.nextFence(),
      server,
      pool,
      claimedAt: now,
      leaseUntil: now + leaseMs,
    };
    state.hold(entry, holder);
    into.push({ ...toRecord(entry), holder });
    wanted--;
  }
}

/** The lines that a source may take from. */
function linesOf(state: MemoryState, request: ClaimRequest, source: ClaimSource): Heap<Node>[] {
  const named = new Set(request.sources.map(({ queue }) => queue));
  const queues = source.queue === null
    ? [...state.lines.keys()].filter((queue) => !named.has(queue))
    : [source.queue];
  return queues.flatMap((queue) => {
    const types = state.lines.get(queue);
    return source.types.map((type) => types?.get(type)).filter((line) => line !== undefined);
  });
}

/** The line whose head comes first of all. */
function firstLine(lines: readonly Heap<Node>[]): Heap<Node> | undefined {
  let best: Heap<Node> | undefined;
  let head: Node | undefined;
  for (const line of lines) {
    const node = peekAlive(line, isReady);
    if (node === undefined) continue;
    const higher = head === undefined ? 1 : node.entry.job.priority - head.entry.job.priority;
    if (head === undefined || higher > 0 || (higher === 0 && node.key < head.key)) {
      best = line;
      head = node;
    }
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
  entry.attempts = [...entry.attempts, attempt].slice(-MAX_ATTEMPTS_KEPT);
}
