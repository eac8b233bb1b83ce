/**
 * Graph: edges, keys and interventions outlive a handle, and hold for several at once.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import {
  claimIds,
  claimOne,
  complete,
  deadLetter,
  newJob,
  newJobs,
  put,
  read,
  runJob,
  settle,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import {
  actOn,
  after,
  assertStatuses,
  beat,
  callOff,
  canceledAs,
  childOf,
  claimJob,
  relayAll,
  run,
} from "./graph_builders.ts";
import { numbered } from "./pages.ts";
import { duplicate, enqueueOne, keyed } from "./unique_builders.ts";
import { NOTICE_MS, settleDown, within, wokenBy } from "./wait.ts";

/** What graphs and interventions promise after a reopen. */
export const graphDurableCases: readonly ConformanceCase[] = stageCases("graph", {
  async "edges, keys and what a person did are the same after a reopen"(h) {
    let store = await h.open();
    await put(store, newJob("p"), newJob("q"), keyed("owner", "finished"));
    await put(store, childOf("c", ["q", "p"]), childOf("d", "c", "continue", { delayMs: 10 }));
    await runJob(store, newJob("failed", { type: "other" }), deadLetter());
    await put(store, newJob("off"), newJob("edited"), childOf("gone", "p"));
    await actOn(store, "off", callOff);
    await actOn(store, "edited", { kind: "edit", payload: JSON.stringify("x".repeat(100_000)) });
    await actOn(store, "edited", { kind: "prioritize", priority: 7 });
    await actOn(store, "gone", { kind: "remove" });
    await actOn(store, "failed", { kind: "retry" });
    const ids = ["p", "q", "c", "d", "owner", "failed", "off", "edited", "gone"];
    const before = await store.getJobs(ids);
    const counted = await tally(store);
    store = await h.reopen();
    assert.deepEqual(await store.getJobs(ids), before);
    assert.deepEqual(await tally(store), counted);
    assert.deepEqual(await enqueueOne(store, keyed("x", "finished")), duplicate("owner", "ready"));
    assert.equal((await claimOne(store)).id, "edited");
    await run(store, "p", complete());
    store = await h.reopen();
    assert.deepEqual((await read(store, "c")).pendingParents, ["q"]);
    await run(store, "q", deadLetter());
    await assertStatuses(store, { c: "canceled", d: "scheduled" });
    store = await h.reopen();
    await actOn(store, "q", { kind: "retry", revive: true });
    await assertStatuses(store, { q: "ready", c: "deferred" });
  },

  async "children that were not let go before a reopen are let go after it"(h) {
    for (const verdict of [complete(), deadLetter()]) {
      let store = await h.open();
      await put(store, newJob("p", { type: "parent" }));
      await put(store, ...newJobs(1200, "c", { settings: after(["p"]) }));
      await put(store, childOf("behind", numbered("c", 600, 699)));
      await settle(store, await claimJob(store, "p"), verdict);
      store = await h.reopen();
      await store.relay(100);
      store = await h.reopen();
      await relayAll(store);
      const counted = await tally(store);
      assert.deepEqual(
        [counted["default/work/ready"], counted["default/work/canceled"]],
        verdict.kind === "complete" ? [1200, undefined] : [undefined, 1201],
      );
      assert.equal(counted["default/work/deferred"], verdict.kind === "complete" ? 1 : undefined);
      const all = ["p", "behind", ...numbered("c", 0, 1199)];
      for (let i = 0; i < all.length; i += 500) {
        await store.act(all.slice(i, i + 500), { kind: "remove" });
        await relayAll(store);
      }
      assert.deepEqual(await store.counts(), []);
    }
  },

  async "a holder hears of a cancel after a reopen"(h) {
    let store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    await actOn(store, "a", callOff);
    store = await h.reopen();
    assert.deepEqual(await beat(store, [job]), canceledAs(job));
    assert.equal(await settle(store, job, complete()), "lost");
  },
}, "durable");

async function relayTogether(stores: readonly Store[]): Promise<void> {
  for (let step = 0; step < 200; step++) {
    const replies = await Promise.all(stores.map((store) => store.relay(50)));
    if (replies.every(({ nextInMs }) => nextInMs !== 0)) return;
  }
  assert.fail("relay() must come to an end");
}

/** What graphs promise to several handles. */
export const graphSharedCases: readonly ConformanceCase[] = stageCases("graph", {
  async "a child that is enqueued while its parent ends is let go"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    for (let i = 0; i < 30; i++) {
      await put(one, newJob(`p${i}`, { type: "parent" }));
      const job = await claimJob(one, `p${i}`);
      await Promise.all([
        settle(one, job, i % 2 === 0 ? complete() : deadLetter()),
        put(two, childOf(`c${i}`, `p${i}`), childOf(`d${i}`, `p${i}`, "continue")),
      ]);
      await relayTogether([one, two]);
      await assertStatuses(two, {
        [`c${i}`]: i % 2 === 0 ? "ready" : "canceled",
        [`d${i}`]: "ready",
      }, `round ${i}`);
    }
  },

  async "parents that end at once through two handles let their child go once"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    for (let i = 0; i < 20; i++) {
      const parents = [`p${i}`, `q${i}`];
      for (const id of parents) await put(one, newJob(id, { type: "parent" }));
      await put(one, childOf(`c${i}`, parents));
      const [p, q] = [await claimJob(one, `p${i}`), await claimJob(two, `q${i}`)];
      await Promise.all([settle(one, p, complete()), settle(two, q, complete())]);
      await relayTogether([one, two]);
      assert.deepEqual(await claimIds(two), [`c${i}`], `round ${i}`);
    }
  },

  async "handles that relay at once let each of 1200 children go once"(h) {
    const stores = [await h.open(), await h.openSecond()];
    const [one, two] = stores as [Store, Store];
    await put(one, newJob("p", { type: "parent" }));
    await put(two, ...newJobs(1200, "c", { settings: after(["p"]) }));
    await settle(one, await claimJob(one, "p"), complete());
    await relayTogether(stores);
    assert.deepEqual(await tally(two), {
      "default/parent/completed": 1,
      "default/work/ready": 1200,
    });
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push(...await claimIds(stores[i % 2]!, { limit: 400 }));
    assert.deepEqual(ids.sort(), numbered("c", 0, 1199).sort());
  },

  async "a pool waiting on one handle is woken by a job that another lets go"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("p", { type: "parent" }), childOf("c", "p"));
    const job = await claimJob(two, "p");
    const cause = async (): Promise<void> => {
      await settle(two, job, complete());
      await relayAll(two);
    };
    assert.deepEqual(await wokenBy(h, one, cause, { stepMs: NOTICE_MS }), ["c"]);
  },

  async "awaitFinal() on one handle returns what another cancels or removes"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("p"), childOf("c", "p"), newJob("r", { delayMs: 86_400_000 }));
    const [c, p, r] = ["c", "p", "r"].map((id) => one.awaitFinal(id));
    await settleDown();
    await actOn(two, "p", callOff);
    await actOn(two, "r", { kind: "remove" });
    assert.equal((await within(h, p!, "the end of 'p'", NOTICE_MS))?.error, "not needed");
    assert.equal((await within(h, c!, "the end of 'c'", NOTICE_MS))?.canceledBy, "p");
    assert.equal(await within(h, r!, "the end of 'r'", NOTICE_MS), null);
  },
}, "shared");
