/**
 * New jobs in the memory store: what keeps them out, and where they go.
 *
 * @module
 */

import { isFinal, type JobStatus } from "../../job/state.ts";
import type { EnqueueReply, NewJob } from "../store.ts";
import { heldBy } from "./claim.ts";
import { dueTime, type Entry, newEntry } from "./entry.ts";
import type { MemoryState } from "./state.ts";

/**
 * Parents of a group that have failed, and how: they count also if the end of
 * another job of the group takes them out of the store.
 */
type Failed = Map<string, JobStatus>;

/** Writes one group of jobs, or says why not. See `EnqueueStage.enqueue`. */
export function enqueueGroup(state: MemoryState, group: readonly NewJob[]): EnqueueReply {
  const holder = group.find((job) => job.holder !== undefined)?.holder;
  if (holder !== undefined && heldBy(state, holder) === undefined) return { outcome: "lost" };
  for (const [index, job] of group.entries()) {
    const other = sameWork(state, job);
    if (other === undefined || runsAfter(job, other)) continue;
    if (group.length === 1 && merge(state, other, job)) {
      return { outcome: "merged", id: other.job.id, status: other.status };
    }
    return { outcome: "duplicate", index, id: other.job.id, status: other.status };
  }
  const before = new Set<string>();
  const failed: Failed = new Map();
  for (const [index, { id, settings, onMissingParent }] of group.entries()) {
    for (const edge of settings.dependsOn ?? []) {
      if (before.has(edge.id)) continue;
      const parent = state.jobs.get(edge.id);
      if (parent === undefined && onMissingParent !== "resolved") {
        return { outcome: "missing_parent", index, id: edge.id };
      }
      if (parent !== undefined && isFinal(parent.status) && parent.status !== "completed") {
        failed.set(edge.id, parent.status);
      }
    }
    before.add(id);
  }
  return { outcome: "created", statuses: group.map((job) => add(state, job, failed)) };
}

/** Writes one job whose id is free and that has neither parents nor a key, to run after another if one is given. */
export function addNew(state: MemoryState, job: NewJob, after: Entry | undefined): void {
  const entry = newEntry(job, state.lane(job.queue, job.type), state.clock.now());
  if (after !== undefined) follow(state, entry, after);
  state.add(entry);
}

/** Makes a new job run after one that it does not name as a parent. */
function follow(state: MemoryState, entry: Entry, { job: { id } }: Entry): void {
  entry.follows = id;
  state.graph.link(entry, id, "continue");
}

/** The job that is there and is the same work: by its id, or by its key. */
function sameWork(state: MemoryState, job: NewJob): Entry | undefined {
  const byId = state.jobs.get(job.id);
  if (byId !== undefined && !makesRoom(state, byId, job)) return byId;
  return liveOwner(state, job.settings.unique?.key ?? null);
}

/** Whether a job is final and its time as the only one with its id is over. */
function makesRoom(state: MemoryState, old: Entry, { settings }: NewJob): boolean {
  const { unique } = settings;
  if (unique === undefined || unique.key !== null || !isFinal(old.status)) return false;
  return unique.until !== "removed" || isOver(state, old, unique.ttlMs);
}

/** The job that keeps others with a key out, if there is one. */
export function liveOwner(state: MemoryState, key: string | null): Entry | undefined {
  const owner = key === null ? undefined : state.owners.get(key);
  if (owner === undefined) return undefined;
  const { until, ttlMs } = owner.job.settings.unique!;
  if (isOver(state, owner, ttlMs)) return undefined;
  switch (until) {
    case "started":
      return isWaiting(owner.status) && owner.attemptsMade === 0 ? owner : undefined;
    case "finished":
      return isFinal(owner.status) ? undefined : owner;
    case "removed":
      return owner;
  }
}

function isOver(state: MemoryState, entry: Entry, ttlMs: number | undefined): boolean {
  return ttlMs !== undefined && entry.createdAt + ttlMs <= state.clock.now();
}

/** Whether a status is one of a job that waits to run. */
export function isWaiting(status: JobStatus): boolean {
  return status !== "processing" && !isFinal(status);
}

/** Whether a new job is to run once more after the job that has its key. */
function runsAfter(job: NewJob, owner: Entry): boolean {
  return job.onConflict === "rerun" && owner.status === "processing" && owner.job.id !== job.id;
}

/** Gives a waiting job what the new one brings; false if that is not asked for or not possible. */
function merge(state: MemoryState, entry: Entry, job: NewJob): boolean {
  const { onConflict } = job;
  if (onConflict !== "replace" && onConflict !== "debounce") return false;
  const { status } = entry;
  if (!isWaiting(status) || entry.job.type !== job.type) return false;
  entry.job = { ...entry.job, payload: job.payload };
  if (onConflict === "replace") return true;
  const now = state.clock.now();
  const runAt = dueTime(job, now);
  if (status === "deferred") {
    entry.job = { ...entry.job, delayMs: job.delayMs, runAt: job.runAt };
  } else if (status === "retry") {
    state.delay(entry, "retry", runAt);
  } else if (runAt > now) {
    state.delay(entry, "scheduled", runAt);
    if (status !== "scheduled") state.events.job("scheduled", entry);
  } else if (status === "scheduled") {
    state.makeReady(entry, "own");
    state.events.job("ready", entry);
  }
  return true;
}

/** Writes one job. */
function add(state: MemoryState, job: NewJob, failed: Failed): JobStatus {
  const { dependsOn = [], unique } = job.settings;
  const old = state.jobs.get(job.id);
  if (old !== undefined) state.remove(old);
  const entry = newEntry(job, state.lane(job.queue, job.type), state.clock.now());
  for (const { id, onFailure } of dependsOn) state.graph.link(entry, id, onFailure, failed);
  const key = unique?.key ?? null;
  if (key !== null) {
    const owner = liveOwner(state, key);
    const isParent = dependsOn.some(({ id }) => id === owner?.job.id);
    if (owner !== undefined && !isParent) follow(state, entry, owner);
    state.owners.set(key, entry);
  }
  state.add(entry);
  const { canceledBy } = entry;
  if (canceledBy !== null) {
    const status = state.jobs.get(canceledBy)?.status ?? failed.get(canceledBy) ?? "canceled";
    state.finish(entry, "canceled", `Parent '${canceledBy}' ended as ${status}`);
    if (entry.removed) failed.set(job.id, "canceled");
  }
  return entry.status;
}
