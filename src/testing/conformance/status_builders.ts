/**
 * Brings a job into each status that a job can have.
 *
 * @module
 */

import type { JobStatus } from "../../job/state.ts";
import type { NewJob, Store } from "../../store/store.ts";
import { cancel, complete, deadLetter, newJob, put, retryIn, settle } from "./builders.ts";
import { after, claimJob } from "./graph_builders.ts";

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
