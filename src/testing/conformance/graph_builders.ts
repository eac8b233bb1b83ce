/**
 * Makers of parents and children, and the ways to bring them to their ends.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ClaimedJob, EdgePolicy, JobSettings } from "../../job/job.ts";
import type {
  ActionReply,
  HeartbeatReply,
  JobAction,
  NewJob,
  Store,
  Verdict,
} from "../../store/store.ts";
import {
  claimOne,
  holdOf,
  LEASE_MS,
  newJob,
  pick,
  read,
  release,
  settle,
  source,
  statusesOf,
} from "./builders.ts";

/** Steps of `relay` after which a store counts as never done. */
const MAX_RELAYS = 200;

/** Settings of a job that waits for parents, all with one policy. */
export function after(parents: readonly string[], onFailure: EdgePolicy = "cancel"): JobSettings {
  return { dependsOn: parents.map((id) => ({ id, onFailure })) };
}

/** A job that waits for parents, all with one policy. */
export function childOf(
  id: string,
  parents: string | readonly string[],
  onFailure: EdgePolicy = "cancel",
  fields: Partial<NewJob> = {},
): NewJob {
  const { settings, ...rest } = fields;
  const ids = typeof parents === "string" ? [parents] : parents;
  return newJob(id, { ...rest, settings: { ...settings, ...after(ids, onFailure) } });
}

/** Lets a store finish what the end of jobs means for their children; tells how many it moved. */
export async function relayAll(store: Store, limit: number = 500): Promise<number> {
  let moved = 0;
  for (let step = 0; step < MAX_RELAYS; step++) {
    const reply = await store.relay(limit);
    moved += reply.moved;
    if (reply.nextInMs !== 0) return moved;
  }
  return assert.fail(`relay() must come to an end within ${MAX_RELAYS} steps`);
}

/** Claims one ready job, whatever stands before it; the others are given back. */
export async function claimJob(store: Store, id: string): Promise<ClaimedJob> {
  const { queue, type } = await read(store, id);
  const others: ClaimedJob[] = [];
  try {
    for (;;) {
      const job = await claimOne(store, { sources: [source(queue, [type])] });
      if (job.id === id) return job;
      others.push(job);
    }
  } finally {
    for (const job of others.reverse()) await settle(store, job, release);
  }
}

/** Runs a ready job to a verdict, and lets its children know. */
export async function run(store: Store, id: string, verdict: Verdict): Promise<ClaimedJob> {
  const job = await claimJob(store, id);
  assert.equal(await settle(store, job, verdict), "ok", `settling job '${id}'`);
  await relayAll(store);
  return job;
}

/** Acts on one job, lets its children know, and returns the reply. */
export async function actOn(
  store: Store,
  id: string,
  action: JobAction,
  from?: Parameters<Store["act"]>[2],
): Promise<ActionReply> {
  const replies = await store.act([id], action, from);
  assert.equal(replies.length, 1, "one reply per id");
  await relayAll(store);
  return replies[0]!;
}

/** Calls a job off. */
export const callOff: JobAction = { kind: "cancel", reason: "not needed" };

/** Asserts the statuses of jobs at once: `{ a: "ready", b: null }`. */
export async function assertStatuses(
  store: Store,
  expected: Readonly<Record<string, string | null>>,
  message?: string,
): Promise<void> {
  const ids = Object.keys(expected);
  const found = await statusesOf(store, ...ids);
  assert.deepEqual(Object.fromEntries(ids.map((id, i) => [id, found[i]])), expected, message);
}

/** What a server that holds these jobs is told. */
export async function beat(
  store: Store,
  jobs: readonly ClaimedJob[],
  server: string = "server-1",
): Promise<Pick<HeartbeatReply, "lost" | "unknown" | "canceled">> {
  const holds = jobs.map(holdOf);
  const reply = await store.heartbeat({ server, leaseMs: LEASE_MS, holds });
  return pick(reply, "lost", "unknown", "canceled");
}

/** What it is told when one of them was canceled. */
export const canceledAs = (job: ClaimedJob, reason: string = "not needed"): HeartbeatReply => ({
  lost: [],
  unknown: [],
  canceled: [{ ...holdOf(job), reason }],
});
