/**
 * Several handles on the same jobs.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  claim,
  claimIds,
  claimOne,
  complete,
  holdOf,
  LEASE_MS,
  newJob,
  newJobs,
  outcome,
  put,
  read,
  release,
  settle,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { NOTICE_MS, settleDown, within, wokenBy } from "./wait.ts";

const reapAll = { limit: 100, maxDeliveries: 5 } as const;
const notice = { stepMs: NOTICE_MS } as const;

/** What shared stores promise. */
export const sharedCases: readonly ConformanceCase[] = stageCases("shared", {
  async "a handle sees at once what another wrote"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("a"), newJob("b", { delayMs: 10 }));
    assert.deepEqual(await statusesOf(two, "a", "b"), ["ready", "scheduled"]);
    assert.deepEqual(await tally(two), { "default/work/ready": 1, "default/work/scheduled": 1 });
    const job = await claimOne(two);
    assert.deepEqual(await one.getJobs(["a"]), [job]);
    await settle(two, job, complete('"r"'));
    assert.equal((await read(one, "a")).result, '"r"');
    const { jobs } = await one.list({ status: "completed", limit: 5 });
    assert.deepEqual(jobs.map((record) => record.id), ["a"]);
  },

  async "an id that one handle wrote is in use for the other"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("a"));
    assert.deepEqual(await two.enqueue([[newJob("a")]]), [
      { outcome: "duplicate", index: 0, id: "a", status: "ready" },
    ]);
  },

  async "of handles that enqueue the same id at once, one wins"(h) {
    const stores = [await h.open(), await h.openSecond(), await h.openSecond()];
    for (let i = 0; i < 20; i++) {
      const group = [newJob(`x${i}`), newJob(`y${i}`)];
      const replies = await Promise.all(stores.map((store) => store.enqueue([group])));
      const created = replies.filter(([reply]) => reply?.outcome === "created");
      assert.equal(created.length, 1, `round ${i}`);
    }
    assert.deepEqual(await tally(stores[0]!), { "default/work/ready": 40 });
  },

  async "handles that claim at once never share a job"(h) {
    const stores = [await h.open(), await h.openSecond(), await h.openSecond()];
    await put(stores[0]!, ...newJobs(300, "j"));
    const ids: string[] = [];
    for (let i = 0; i < 200 && ids.length < 300; i++) {
      const claims = stores.map((store, n) => claimIds(store, { server: `s${n}`, limit: 3 }));
      ids.push(...(await Promise.all(claims)).flat());
    }
    assert.equal(ids.length, 300);
    assert.equal(new Set(ids).size, 300, "no job twice");
  },

  async "handles keep one order"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    for (let i = 0; i < 10; i++) await put(i % 2 === 0 ? one : two, newJob(`j${i}`));
    await put(two, newJob("high", { priority: 1 }));
    await put(one, newJob("front", { atFront: true }));
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push(...await claimIds(i % 2 === 0 ? two : one, { limit: 2 }));
    assert.deepEqual(ids, ["high", "front", ...Array.from({ length: 10 }, (_, i) => `j${i}`)]);
  },

  async "the fence rises across handles"(h) {
    const stores = [await h.open(), await h.openSecond()];
    await put(stores[0]!, ...newJobs(20, "j"));
    let last = 0;
    for (let i = 0; i < 20; i++) {
      const { fence } = (await claimOne(stores[i % 2]!)).holder;
      assert.ok(fence > last, `the fence must rise: ${fence} after ${last}`);
      last = fence;
    }
  },

  async "a claim is settled once, whichever handle says so"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, ...newJobs(20, "j"));
    for (let i = 0; i < 20; i++) {
      const job = await claimOne(one);
      const results = await Promise.all([
        settle(one, job, complete('"1"')),
        settle(two, job, complete('"2"')),
      ]);
      assert.deepEqual(results.toSorted(), ["already", "ok"]);
      const record = await read(two, job.id);
      assert.equal(record.attempts.length, 1);
      assert.equal(record.result, results[0] === "ok" ? '"1"' : '"2"');
    }
  },

  async "a lapsed claim is reaped once, whichever handle does it"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, ...newJobs(10, "j"));
    const jobs = await claim(one);
    await h.advance(LEASE_MS);
    const replies = await Promise.all([one.reap(reapAll), two.reap(reapAll), one.reap(reapAll)]);
    assert.equal(replies.reduce((sum, reply) => sum + reply.moved, 0), 10);
    for (const record of await two.getJobs(jobs.map((job) => job.id))) {
      assert.deepEqual([record?.status, record?.deliveries], ["ready", 1]);
    }
  },

  async "a holder that another handle reaped is shut out"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("a"));
    const old = await claimOne(one);
    await h.advance(LEASE_MS);
    await two.reap(reapAll);
    const fresh = await claimOne(two, { server: "server-2" });
    assert.equal(await settle(one, old, complete()), "lost");
    assert.deepEqual(await one.report([{ ...holdOf(old), logs: ["ghost"] }]), ["lost"]);
    const { lost, unknown } = await one.heartbeat({
      server: "server-1",
      leaseMs: LEASE_MS,
      holds: [holdOf(old)],
    });
    assert.deepEqual({ lost, unknown }, { lost: [holdOf(old)], unknown: [] });
    assert.deepEqual(await one.getJobs(["a"]), [fresh]);
    const reply = await two.settle({ outcomes: [outcome(fresh, complete())] });
    assert.deepEqual(reply.results, ["ok"]);
  },

  async "a delayed job is promoted once, whichever handle does it"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, ...newJobs(10, "j", { delayMs: 10 }));
    await h.advance(10);
    const replies = await Promise.all([one.promote(6), two.promote(6), one.promote(6)]);
    assert.equal(replies.reduce((sum, reply) => sum + reply.moved, 0), 10);
    assert.equal((await claim(two, { limit: 20 })).length, 10);
  },

  async "a pool waiting on one handle is woken by a job from another"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    assert.deepEqual(await wokenBy(h, one, () => put(two, newJob("a")), notice), ["a"]);
    assert.deepEqual(await wokenBy(h, two, () => put(one, newJob("b")), notice), ["b"]);
  },

  async "a pool waiting on one handle is woken by a delayed job from another"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("late", { delayMs: 86_400_000 }));
    const cause = (): Promise<void> => put(two, newJob("a", { delayMs: 200 }));
    assert.deepEqual(await wokenBy(h, one, cause, notice), ["a"]);
  },

  async "a pool waiting on one handle is woken by a job given back or reaped by another"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("a"));
    const job = await claimOne(two);
    assert.deepEqual(await wokenBy(h, one, () => settle(two, job, release), notice), ["a"]);
    await h.advance(LEASE_MS);
    assert.deepEqual(await wokenBy(h, one, () => two.reap(reapAll), notice), ["a"]);
  },

  async "awaitFinal() on one handle returns a job that another settles"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, newJob("a"));
    const waiting = one.awaitFinal("a");
    await settleDown();
    await settle(two, await claimOne(two), complete('"r"'));
    const record = await within(h, waiting, "the end of awaitFinal()", NOTICE_MS);
    assert.deepEqual([record?.status, record?.result], ["completed", '"r"']);
  },

  async "awaitFinal() on one handle returns each of 600 jobs that another settles"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(one, ...newJobs(600, "j"));
    const waiting = Promise.all(newJobs(600, "j").map(({ id }) => one.awaitFinal(id)));
    await settleDown();
    for (let i = 0; i < 6; i++) {
      const jobs = await claim(two, { limit: 100 });
      await two.settle({ outcomes: jobs.map((job) => outcome(job, complete())) });
    }
    const records = await within(h, waiting, "the end of awaitFinal()", NOTICE_MS);
    assert.deepEqual(records.map((record) => record?.id), newJobs(600, "j").map(({ id }) => id));
    assert.ok(records.every((record) => record?.status === "completed"));
  },

  async "a handle goes on when another is closed"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    await put(two, newJob("a"), newJob("b"));
    const job = await claimOne(two);
    await two.close();
    assert.equal(await settle(one, job, complete()), "ok");
    assert.deepEqual(await claimIds(one), ["b"]);
    const three = await h.openSecond();
    assert.deepEqual(await statusesOf(three, "a", "b"), ["completed", "processing"]);
  },
}, "shared");
