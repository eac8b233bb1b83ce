/**
 * Enqueue: jobs that only the holder of a claim may enqueue.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ClaimedJob } from "../../job/job.ts";
import type { EnqueueReply, NewJob, Store } from "../../store/store.ts";
import {
  claimOne,
  complete,
  deadLetter,
  holdOf,
  LEASE_MS,
  newJob,
  put,
  release,
  retryIn,
  settle,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, callOff, childOf } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";
import { keyed } from "./unique_builders.ts";

const lost: EnqueueReply = { outcome: "lost" };
const created = (...statuses: string[]): EnqueueReply =>
  ({ outcome: "created", statuses }) as EnqueueReply;

async function enqueueAs(
  store: Store,
  holder: ClaimedJob,
  ...jobs: readonly NewJob[]
): Promise<EnqueueReply> {
  const group = jobs.map((job) => ({ ...job, holder: holdOf(holder) }));
  return (await store.enqueue([group]))[0]!;
}

/** Ways in which a claim ceases to be the latest. */
const ends: Readonly<
  Record<string, (store: Store, job: ClaimedJob, h: ConformanceHarness) => Promise<unknown>>
> = {
  "completed": (store, job) => settle(store, job, complete()),
  "failed": (store, job) => settle(store, job, deadLetter()),
  "set to retry": (store, job) => settle(store, job, retryIn(1000)),
  "given back": (store, job) => settle(store, job, release),
  "canceled": (store, job) => actOn(store, job.id, callOff),
  "reaped": async (store, _, h) => {
    await h.advance(LEASE_MS);
    await store.reap({ limit: 10, maxDeliveries: 5 });
  },
  "claimed anew": async (store, job) => {
    await settle(store, job, release);
    await claimOne(store);
  },
  "removed": async (store, job) => {
    await settle(store, job, complete());
    await actOn(store, job.id, { kind: "remove" });
  },
};

/** What enqueue promises about a holder. */
export const enqueueHolderCases: readonly ConformanceCase[] = stageCases("enqueue", {
  ...Object.fromEntries(
    Object.entries(ends).map(([name, end]) => [
      `enqueue() of a holder whose job was ${name} answers 'lost' and writes nothing`,
      async (h: ConformanceHarness): Promise<void> => {
        const store = await h.open();
        await put(store, newJob("holder"));
        const job = await claimOne(store);
        await end(store, job, h);
        const before = await tally(store);
        assert.deepEqual(await enqueueAs(store, job, newJob("a"), newJob("b")), lost);
        await assertStatuses(store, { a: null, b: null });
        assert.deepEqual(await tally(store), before);
        await put(store, newJob("a"));
      },
    ]),
  ),

  async "enqueue() of a holder with the latest claim writes its jobs"(h) {
    const store = await h.open();
    await put(store, newJob("holder"));
    const job = await claimOne(store);
    const reply = await enqueueAs(store, job, newJob("a"), childOf("b", ["a", "holder"]));
    assert.deepEqual(reply, created("ready", "deferred"));
    await h.advance(LEASE_MS * 2);
    const late = await enqueueAs(store, job, newJob("c"));
    assert.deepEqual(late, created("ready"), "a lease that has lapsed is its own until a reap");
    assert.equal(await settle(store, job, complete()), "ok");
    await assertStatuses(store, { holder: "completed", a: "ready", b: "deferred", c: "ready" });
  },

  async "enqueue() refuses a holder with another fence, or of a job that is not there"(h) {
    const store = await h.open();
    await put(store, newJob("holder"), newJob("waits"));
    const { id, fence } = holdOf(await claimOne(store));
    const holders = [
      { id, fence: fence - 1 },
      { id, fence: fence + 1 },
      { id: "waits", fence },
      { id: "nobody", fence },
    ];
    for (const holder of holders) {
      assert.deepEqual(await store.enqueue([[newJob("a", { holder })]]), [lost]);
    }
    await assertStatuses(store, { a: null, holder: "processing" });
  },

  async "enqueue() lets only the groups of a lost holder fail"(h) {
    const store = await h.open();
    await put(store, newJob("old"), newJob("live"));
    const [old, live] = [await claimOne(store), await claimOne(store)];
    await settle(store, old, complete());
    const replies = await store.enqueue([
      [newJob("a", { holder: holdOf(old) })],
      [newJob("b", { holder: holdOf(live) }), newJob("c", { holder: holdOf(live) })],
      [newJob("a")],
    ]);
    assert.deepEqual(replies, [lost, created("ready", "ready"), created("ready")]);
  },

  async "'lost' goes before 'duplicate', and that before 'missing_parent'"(h) {
    const store = await h.open();
    await put(store, newJob("old"), newJob("live"), keyed("owner", "finished"));
    const [old, live] = [await claimOne(store), await claimOne(store)];
    await settle(store, old, complete());
    const group = [childOf("a", "nobody"), newJob("live")];
    assert.deepEqual(await enqueueAs(store, old, ...group), lost);
    assert.deepEqual(await enqueueAs(store, old, childOf("a", "nobody")), lost);
    assert.deepEqual(await enqueueAs(store, live, ...group), {
      outcome: "duplicate",
      index: 1,
      id: "live",
      status: "processing",
    });
    assert.deepEqual(await enqueueAs(store, live, childOf("a", "nobody")), {
      outcome: "missing_parent",
      index: 0,
      id: "nobody",
    });
    const merge = { ...keyed("a", "finished"), onConflict: "replace", payload: '"new"' } as const;
    assert.deepEqual(await enqueueAs(store, old, merge), lost);
    assert.deepEqual(await enqueueAs(store, live, merge), {
      outcome: "merged",
      id: "owner",
      status: "ready",
    });
  },

  async "enqueue() of a holder answers 'duplicate' when repeated"(h) {
    const store = await h.open();
    await put(store, newJob("holder"));
    const job = await claimOne(store);
    await enqueueAs(store, job, newJob("a"), newJob("b"));
    const again = await enqueueAs(store, job, newJob("a"), newJob("b"));
    assert.deepEqual(again, { outcome: "duplicate", index: 0, id: "a", status: "ready" });
  },
});
