/** Many jobs that failed, and workers at which they fail again, for tests of operations. */

import assert from "node:assert/strict";
import type { ClaimedJob } from "../../../src/job/job.ts";
import { openOperations } from "../../../src/monitor/operations/operation_memos.ts";
import type { NewJob, Store } from "../../../src/store/store.ts";
import type { MonitorWorld } from "../world.ts";

/** The queue of the jobs. */
export const QUEUE = "mail";
/** Their type. */
export const TYPE = "email.send";
const AT_ONCE = 500;
/** How long a test waits for an operation: it may run beside many others. */
const PATIENCE_MS = 120_000;

/** An operation as the API tells it. */
export interface ShownOperation {
  readonly id: string;
  readonly state: string;
  readonly looked: number;
  readonly matched: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly [field: string]: unknown;
}

/** Enqueues jobs; gives their ids, in order. */
export async function enqueue(
  store: Store,
  count: number,
  fields: Partial<NewJob> = {},
  prefix = "job",
): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(5, "0")}`);
  for (let at = 0; at < count; at += AT_ONCE) {
    await store.enqueue(
      ids.slice(at, at + AT_ONCE).map((id) => [{
        ...{ id, type: TYPE, queue: QUEUE, priority: 0, payload: "null", settings: {} },
        ...fields,
      }]),
    );
  }
  return ids;
}

/** Lets workers take all that is ready, and fail for good; gives how many there were. */
export async function failReady(store: Store): Promise<number> {
  let failed = 0;
  while (true) {
    const jobs = await claim(store);
    if (jobs.length === 0) return failed;
    failed += jobs.length;
    await store.settle({
      outcomes: jobs.map(({ id, holder: { fence } }) => ({
        ...{ id, fence, ranMs: 0 },
        verdict: { kind: "dead_letter", error: { message: "mailbox full" } },
      })),
    });
  }
}

/** Lets workers take all that is ready, and fail so that it is due again in ten minutes. */
export async function retryReady(store: Store): Promise<void> {
  const error = { message: "try again" };
  const jobs = await claim(store);
  if (jobs.length === 0) return;
  await store.settle({
    outcomes: jobs.map(({ id, holder: { fence } }) => ({
      ...{ id, fence, ranMs: 0 },
      verdict: { kind: "retry", delayMs: 600_000, counted: true, error },
    })),
  });
  await retryReady(store);
}

async function claim(store: Store): Promise<readonly ClaimedJob[]> {
  const sources = [{ queue: null, types: [TYPE], share: AT_ONCE }];
  const { jobs } = await store.claim({
    ...{ server: "worker", pool: "p", limit: AT_ONCE, leaseMs: 60_000, sources },
  });
  return jobs;
}

/** How many attempts each of some jobs has made; -1 for one that is gone. */
export async function attemptsOf(store: Store, ids: readonly string[]): Promise<number[]> {
  return (await store.getJobs(ids)).map((job) => job?.attemptsMade ?? -1);
}

/** How many jobs are in each status. */
export async function countsOf(store: Store): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { status, count } of await store.counts()) {
    counts[status] = (counts[status] ?? 0) + count;
  }
  return counts;
}

/** Sends JSON; gives the status and the body. */
export async function send(
  world: MonitorWorld,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await world.fetch(path, {
    method: "POST",
    headers: { "x-gqm-csrf": "1", "content-type": "application/json", ...headers },
    ...json,
  });
  return { status: response.status, body: await response.json() };
}

/** Asks for an operation; gives its id. */
export async function start(
  world: MonitorWorld,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const reply = await send(world, "/api/v1/operations", body, headers);
  assert.equal(reply.status, 202, JSON.stringify(reply.body));
  return (reply.body.data as ShownOperation).id;
}

/** Looks at an operation. */
export async function look(
  world: MonitorWorld,
  id: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ShownOperation> {
  const response = await world.fetch(`/api/v1/operations/${id}`, { headers });
  const { data } = await response.json();
  assert.equal(response.status, 200, id);
  return data;
}

/** Lets time pass until an operation has ended, and that is told; gives how it is then. */
export async function untilEnded(world: MonitorWorld, id: string): Promise<ShownOperation> {
  const end = performance.now() + PATIENCE_MS;
  while (true) {
    const operation = await look(world, id);
    const isOpen = (await openOperations(world.store)).includes(id);
    if (operation.ended_at_ms !== null && !isOpen) return operation;
    assert.ok(performance.now() < end, `it must end: ${JSON.stringify(operation)}`);
    await world.clock.advance(20);
  }
}

/** Lets an operation come to a call of `act`, and holds it there until it is let go. */
export async function heldAtAct(world: MonitorWorld, n: number): Promise<() => void> {
  const gate = Promise.withResolvers<void>();
  let isHeld = false;
  world.store.on("act", async (call) => {
    if (call.n === n) {
      isHeld = true;
      await gate.promise;
    }
    return await call.run();
  });
  while (!isHeld) await world.clock.advance(1);
  return gate.resolve;
}

/** What the audit log tells, the oldest first. */
export async function audited(store: Store): Promise<Readonly<Record<string, unknown>>[]> {
  const { entries } = await store.trail("audit", { limit: 100 });
  return entries.map(({ text }) => JSON.parse(text)).reverse();
}
