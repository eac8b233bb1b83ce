/**
 * Control: the latch of servers whose jobs are canceled, also by other handles.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import { claimOne, complete, newJob, put, read, settle } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, beat, callOff, canceledAs } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";
import { NOTICE_MS, settleDown, within } from "./wait.ts";

/** Waits for a latch that something is to set. */
async function setBy(
  h: ConformanceHarness,
  store: Store,
  server: string,
  cause: () => Promise<unknown>,
): Promise<void> {
  using latch = store.watchClaims(server);
  const stop = new AbortController();
  const set = latch.next(stop.signal);
  try {
    await settleDown();
    await cause();
    await within(h, set, "the latch of a canceled claim", NOTICE_MS);
    assert.ok(!stop.signal.aborted);
  } finally {
    stop.abort();
  }
}

/** What watchClaims promises. */
export const controlWatchCases: readonly ConformanceCase[] = stageCases("control", {
  async "watchClaims() is set when a job of its server is canceled"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const a = await claimOne(store);
    await setBy(h, store, "server-1", () => actOn(store, "a", callOff));
    assert.deepEqual(await beat(store, [a]), canceledAs(a));
    const b = await claimOne(store);
    await setBy(h, store, "server-1", () => actOn(store, "b", callOff));
    assert.deepEqual(await beat(store, [b]), canceledAs(b));
  },

  async "watchClaims() keeps what happened before its next()"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await claimOne(store);
    using latch = store.watchClaims("server-1");
    await actOn(store, "a", callOff);
    const next = latch.next(new AbortController().signal);
    await within(h, next, "the latch of a canceled claim", NOTICE_MS);
    const stop = new AbortController();
    const after = latch.next(stop.signal);
    stop.abort();
    await within(h, after, "the end of next() by its signal");
  },
});

/** What cancel promises to servers of other handles. */
export const controlSharedCases: readonly ConformanceCase[] = stageCases("control", {
  async "watchClaims() is set when another handle cancels a job of its server"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(two, newJob("a"), newJob("b"));
    const a = await claimOne(one);
    await setBy(h, one, "server-1", () => actOn(two, "a", callOff));
    assert.deepEqual(await beat(one, [a]), canceledAs(a));
    const b = await claimOne(two, { server: "server-2" });
    await setBy(h, two, "server-2", () => actOn(one, "b", callOff));
    assert.deepEqual(await beat(two, [b], "server-2"), canceledAs(b));
  },

  async "a job that one handle canceled is lost for the other"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("a"));
    const job = await claimOne(one);
    await actOn(two, "a", callOff);
    assert.equal(await settle(one, job, complete()), "lost");
    await assertStatuses(one, { a: "canceled" });
  },

  async "of a cancel and a settle at once one wins"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    for (let i = 0; i < 20; i++) {
      await put(one, newJob(`j${i}`));
      const job = await claimOne(one);
      const [result, [reply]] = await Promise.all([
        settle(one, job, complete()),
        two.act([job.id], callOff),
      ]);
      const { status, attempts } = await read(one, job.id);
      assert.equal(attempts.length, 1);
      const facts = [result, reply?.outcome, status];
      const expected = result === "ok"
        ? ["ok", "refused", "completed"]
        : ["lost", "done", "canceled"];
      assert.deepEqual(facts, expected, `round ${i}`);
    }
  },
}, "shared");
