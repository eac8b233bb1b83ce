/**
 * Brings a job into each status that a job can have.
 *
 * @module
 */

import type { JobStatus } from "../../job/state.ts";
import type { NewJob, Store } from "../../store/store.ts";
import { cancel, complete, deadLetter, newJob, put, retryIn, settle } from "./builders.ts";
import { actOn, after, claimJob } from "./graph_builders.ts";
import { change, define, fire } from "./schedule_builders.ts";

/** The statuses that the verbs of a store lead to. */
export const reachable = [
  "ready",
  "scheduled",
  "deferred",
  "processing",
  "retry",
  "completed",
  "dead_letter",
  "canceled",
  "stopped",
] as const satisfies readonly JobStatus[];

/** A status that the verbs of a store lead to. */
export type Reachable = typeof reachable[number];

/** How long `scheduled` and `retry` jobs of `bring` wait. */
export const BRING_MS = 60_000;

/**
 * Enqueues a job and brings it into a status. A `deferred` one has the parent
 * `<id>-parent`, of type "parent", which must not be there yet.
 */
export async function bring(
  store: Store,
  id: string,
  status: Reachable,
  fields: Partial<NewJob> = {},
): Promise<void> {
  switch (status) {
    case "ready":
      return await put(store, newJob(id, fields));
    case "scheduled":
      return await put(store, newJob(id, { delayMs: BRING_MS, ...fields }));
    case "deferred": {
      const parent = `${id}-parent`;
      await put(store, newJob(parent, { type: "parent" }));
      const settings = { ...fields.settings, ...after([parent]) };
      return await put(store, newJob(id, { ...fields, settings }));
    }
  }
  await put(store, newJob(id, fields));
  if (status === "stopped") return await stopBySchedule(store, id);
  const job = await claimJob(store, id);
  switch (status) {
    case "processing":
      return;
    case "retry":
      return void await settle(store, job, retryIn(BRING_MS));
    case "completed":
      return void await settle(store, job, complete('"done"'));
    case "dead_letter":
      return void await settle(store, job, deadLetter());
    case "canceled":
      return void await settle(store, job, cancel());
  }
}

/** Stops a job that is there, as the schedule would that fired it; leaves no trace of that. */
export async function stopBySchedule(store: Store, id: string): Promise<void> {
  const schedule = `${id}-schedule`;
  const next = newJob(`${id}-next`, { type: "next" });
  const { version } = await change(store, define(schedule, { fires: [fire(newJob(id))] }));
  const fires = [fire(next, { overlap: "replace" })];
  const replaced = await change(store, { id: schedule, version, fires });
  await actOn(store, next.id, { kind: "remove" });
  await store.changeSchedule({ id: schedule, version: replaced.version, write: null });
}
