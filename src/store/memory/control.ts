/**
 * Interventions in the memory store.
 *
 * @module
 */

import type { JobStatus } from "../../job/state.ts";
import { isFinal } from "../../job/state.ts";
import { lastEnd } from "../list_time.ts";
import type { ActionReply, JobAction, LimitTarget, PauseTarget, RuleLimits } from "../store.ts";
import { addAttempt } from "./claim.ts";
import { isWaiting, liveOwner } from "./enqueue.ts";
import type { Entry } from "./entry.ts";
import { isReady, peekAlive } from "./nodes.ts";
import type { MemoryState } from "./state.ts";

/** Does one thing with one job. See `ControlStage.act`. */
export function act(
  state: MemoryState,
  id: string,
  action: JobAction,
  from: JobStatus | undefined,
  before = Infinity,
): ActionReply {
  const entry = state.jobs.get(id);
  if (entry === undefined) return { outcome: "missing" };
  if (from !== undefined && entry.status !== from) return unchanged(entry);
  if ((lastEnd(entry) ?? -Infinity) >= before) return unchanged(entry);
  switch (action.kind) {
    case "cancel":
      return cancel(state, entry, action.reason);
    case "retry":
      return retry(state, entry, action);
    case "remove":
      if (entry.status === "processing") return refused(entry);
      state.events.job("removed", entry);
      state.remove(entry);
      return { outcome: "done", status: null };
    case "promote":
      if (entry.status === "ready") return unchanged(entry);
      if (entry.status !== "scheduled" && entry.status !== "retry") return refused(entry);
      state.makeReady(entry, "own");
      state.events.job("ready", entry);
      return done(entry);
    case "prioritize":
      return prioritize(state, entry, action.priority);
    case "edit":
      if (!isWaiting(entry.status)) return refused(entry);
      entry.job = { ...entry.job, payload: action.payload };
      return done(entry);
    default:
      return action satisfies never;
  }
}

function cancel(state: MemoryState, entry: Entry, reason: string): ActionReply {
  if (entry.status === "canceled") return unchanged(entry);
  if (isFinal(entry.status)) return refused(entry);
  callOff(state, entry, "canceled", reason);
  return done(entry);
}

/** Ends a job that is not final as `stopped`. */
export function stop(state: MemoryState, entry: Entry, reason: string): void {
  callOff(state, entry, "stopped", reason);
}

function callOff(
  state: MemoryState,
  entry: Entry,
  status: "canceled" | "stopped",
  reason: string,
): void {
  const { holder } = entry;
  if (holder !== null) {
    const { server, pool, claimedAt } = holder;
    addAttempt(entry, {
      attempt: entry.attemptsMade + 1,
      startedAt: claimedAt,
      finishedAt: state.clock.now(),
      outcome: "canceled",
      server,
      pool,
      error: { message: reason },
    });
  }
  state.finish(entry, status, reason);
  if (holder !== null) state.holders.changed(holder.server);
}

function retry(
  state: MemoryState,
  entry: Entry,
  { payload, revive }: Extract<JobAction, { kind: "retry" }>,
): ActionReply {
  if (!isFinal(entry.status)) return unchanged(entry);
  if (entry.status === "completed") return refused(entry);
  const refusal = bringBack(state, entry);
  if (refusal !== undefined) return refusal;
  if (payload !== undefined) entry.job = { ...entry.job, payload };
  if (revive) reviveChildren(state, entry);
  return done(entry);
}

/** Makes a final job wait again; says why, if it may not. */
function bringBack(state: MemoryState, entry: Entry): ActionReply | undefined {
  const key = entry.job.settings.unique?.key ?? null;
  const owner = liveOwner(state, key);
  if (owner !== undefined && owner !== entry) {
    return { ...refused(entry), reason: "duplicate", by: owner.job.id };
  }
  const hindrance = state.graph.hindrance(entry);
  if (hindrance?.kind === "parent") {
    return { ...refused(entry), reason: "parent", by: hindrance.by };
  }
  if (key !== null) state.owners.set(key, entry);
  const last = entry.attempts.at(-1);
  entry.retryCount = 0;
  entry.deliveries = 0;
  entry.result = null;
  entry.error = last?.error?.message ?? null;
  entry.startedAt = last?.startedAt ?? null;
  entry.canceledBy = null;
  entry.keepsOn = true;
  entry.suspect = false;
  state.bringBack(entry);
  if (hindrance === undefined) state.makeReady(entry, "end");
  else state.defer(entry);
  state.events.job("revived", entry);
  return undefined;
}

/** Brings back all that the end of a job had canceled. */
function reviveChildren(state: MemoryState, entry: Entry): void {
  const parents = [entry];
  for (const parent of parents) {
    for (const id of parent.children?.keys() ?? []) {
      const child = state.jobs.get(id);
      if (child?.status !== "canceled" || child.canceledBy === null) continue;
      if (bringBack(state, child) === undefined) parents.push(child);
    }
  }
}

function prioritize(state: MemoryState, entry: Entry, priority: number): ActionReply {
  if (!isWaiting(entry.status)) return refused(entry);
  if (entry.job.priority === priority) return unchanged(entry);
  entry.job = { ...entry.job, priority };
  if (entry.status === "ready") state.makeReady(entry, "end");
  return done(entry);
}

function done({ status, removed }: Entry): ActionReply {
  return { outcome: "done", status: removed ? null : status };
}

function unchanged({ status }: Entry): ActionReply {
  return { outcome: "unchanged", status };
}

function refused({ status }: Entry): Extract<ActionReply, { outcome: "refused" }> {
  return { outcome: "refused", status, reason: "status" };
}

/** See `ControlStage.pause`. */
export function pause(state: MemoryState, target: PauseTarget, paused: boolean): void {
  const { queue, type } = target;
  const name = JSON.stringify([queue, type]);
  if (state.paused.has(name) === paused) return;
  state.events.add({ kind: paused ? "paused" : "resumed", queue, type });
  if (paused) return void state.paused.set(name, { queue, type });
  state.paused.delete(name);
  for (const types of state.lanes.values()) {
    for (const lane of types.values()) {
      const isMeant = (queue ?? lane.queue) === lane.queue && (type ?? lane.type) === lane.type;
      if (isMeant && lane.counts.ready > 0) state.wakes.ready(lane.queue, lane.type);
    }
  }
}

/** See `LimitStage.setLimit`. */
export function setLimit(
  state: MemoryState,
  target: LimitTarget,
  limits: RuleLimits | null,
): boolean {
  const { meters, parking } = state;
  if (!meters.set(target, limits)) return false;
  if ("key" in target) {
    parking.putBack(target.key);
  } else if (target.perKey) {
    for (const [key, lines] of [...parking.lines]) {
      if ([...lines.keys()].some(({ type }) => type === target.type)) parking.putBack(key);
    }
  } else {
    parking.openType(target.type);
    const meter = meters.ofType(target.type);
    const ms = meter === undefined || meters.room(meter) > 0 ? null : meters.untilMore(meter);
    const lanes = [...state.lanes.values()].map((types) => types.get(target.type));
    const isWaitedFor = lanes.some((lane) => lane && peekAlive(lane.ready, isReady) !== undefined);
    if (ms !== null && isWaitedFor) parking.typeWaits(target.type, ms);
  }
  return true;
}
