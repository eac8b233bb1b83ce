/**
 * Claim: heartbeat keeps leases alive and tells what was lost.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { HeartbeatReply, Hold, Store } from "../../store/store.ts";
import {
  claim,
  claimOne,
  complete,
  holdOf,
  LEASE_MS,
  newJob,
  newJobs,
  pick,
  put,
  read,
  release,
  settle,
  statusesOf,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

const reapAll = { limit: 100, maxDeliveries: 5 } as const;

async function beat(
  store: Store,
  holds: readonly Hold[],
  server: string = "server-1",
): Promise<Pick<HeartbeatReply, "lost" | "unknown" | "canceled">> {
  const reply = await store.heartbeat({ server, leaseMs: LEASE_MS, holds });
  return pick(reply, "lost", "unknown", "canceled");
}

const nothing = { lost: [], unknown: [], canceled: [] } as const;

/** What heartbeat promises. */
export const heartbeatCases: readonly ConformanceCase[] = stageCases("heartbeat", {
  async "heartbeat() of a server without claims answers with nothing"(h) {
    const store = await h.open();
    assert.deepEqual(await beat(store, []), nothing);
  },

  async "heartbeat() extends leases to now + leaseMs"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const jobs = await claim(store);
    await h.advance(5000);
    assert.deepEqual(await beat(store, jobs.map(holdOf)), nothing);
    for (const job of jobs) {
      assert.deepEqual((await read(store, job.id)).holder, {
        ...job.holder,
        leaseUntil: h.now() + LEASE_MS,
      });
    }
    await h.advance(LEASE_MS - 1);
    assert.deepEqual(await store.reap(reapAll), { moved: 0, nextInMs: 1 });
  },

  async "heartbeat() extends again when repeated"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    for (let i = 0; i < 10; i++) {
      await h.advance(LEASE_MS - 1);
      assert.deepEqual(await beat(store, [holdOf(job)]), nothing);
      assert.equal((await store.reap(reapAll)).moved, 0);
    }
    assert.equal(await settle(store, job, complete()), "ok");
  },

  async "heartbeat() extends only what the request names"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const [a, b] = await claim(store);
    await h.advance(LEASE_MS - 1000);
    const reply = await beat(store, [], "server-2");
    assert.deepEqual(reply, nothing);
    await beat(store, [holdOf(a!)]);
    assert.deepEqual((await read(store, "b")).holder?.fence, b!.holder.fence);
    assert.equal((await read(store, "a")).holder?.leaseUntil, h.now() + LEASE_MS);
  },

  async "heartbeat() for a part extends only that, knows of no other and takes no note"(h) {
    const store = await h.open();
    await put(store, ...newJobs(4, "j"));
    const [kept, dropped, ended, other] = await claim(store);
    await settle(store, ended!, complete());
    await store.act([dropped!.id], { kind: "cancel", reason: "no" });
    await h.advance(LEASE_MS - 1000);
    const holds = [kept!, dropped!, ended!].map(holdOf);
    const reply = await store.heartbeat({
      server: "server-1",
      leaseMs: LEASE_MS,
      holds,
      isPart: true,
    });
    assert.deepEqual(reply, {
      lost: [holdOf(ended!)],
      unknown: [],
      canceled: [{ ...holdOf(dropped!), reason: "no" }],
    });
    assert.equal((await read(store, kept!.id)).holder?.leaseUntil, h.now() + LEASE_MS);
    assert.deepEqual((await read(store, other!.id)).holder, other!.holder);
  },

  async "heartbeat() extends by the leaseMs of the request"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store, { leaseMs: 1000 });
    await store.heartbeat({ server: "server-1", leaseMs: 60_000, holds: [holdOf(job)] });
    assert.equal((await read(store, "a")).holder?.leaseUntil, h.now() + 60_000);
  },

  async "heartbeat() extends a lease that has lapsed but was not reaped"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    await h.advance(LEASE_MS * 10);
    assert.deepEqual(await beat(store, [holdOf(job)]), nothing);
    assert.equal((await store.reap(reapAll)).moved, 0);
    assert.equal(await settle(store, job, complete()), "ok");
  },

  async "heartbeat() names holds as lost that were reaped, settled, removed or never made"(h) {
    const store = await h.open({ retention: { completedMs: 0 } });
    await put(store, newJob("reaped"));
    const reaped = await claimOne(store, { leaseMs: 10 });
    await h.advance(10);
    await store.reap(reapAll);
    await put(store, ...newJobs(3, "j", { priority: 1 }));
    const [kept, settled, removed] = await claim(store, { limit: 3 });
    await settle(store, settled!, release);
    await settle(store, removed!, complete());
    const never = { id: "never", fence: 1 };
    const holds = [holdOf(reaped), holdOf(kept!), holdOf(settled!), never, holdOf(removed!)];
    const { lost, unknown } = await beat(store, holds);
    assert.deepEqual(byId(lost), byId([holdOf(reaped), holdOf(settled!), never, holdOf(removed!)]));
    assert.deepEqual(unknown, []);
  },

  async "heartbeat() names a hold as lost whose job was claimed again by another server"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const old = await claimOne(store);
    await h.advance(LEASE_MS);
    await store.reap(reapAll);
    const fresh = await claimOne(store, { server: "server-2" });
    await h.advance(1000);
    assert.deepEqual(await beat(store, [holdOf(old)]), { ...nothing, lost: [holdOf(old)] });
    assert.deepEqual(
      (await read(store, "a")).holder,
      fresh.holder,
      "the new lease is not extended",
    );
    assert.deepEqual(await beat(store, [holdOf(fresh)], "server-2"), nothing);
  },

  async "heartbeat() tells an old claim from a new one of the same server"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const old = await claimOne(store);
    await h.advance(LEASE_MS);
    await store.reap(reapAll);
    const fresh = await claimOne(store);
    assert.deepEqual(await beat(store, [holdOf(old)]), {
      lost: [holdOf(old)],
      unknown: [holdOf(fresh)],
      canceled: [],
    });
    assert.deepEqual(await beat(store, [holdOf(fresh)]), nothing);
  },

  async "heartbeat() names claims that the request does not know"(h) {
    const store = await h.open();
    await put(store, ...newJobs(3, "j"));
    const [known] = await claim(store, { limit: 1 });
    const rest = await claim(store, { pool: "pool-2" });
    const { lost, unknown } = await beat(store, [holdOf(known!)]);
    assert.deepEqual(lost, []);
    assert.deepEqual(byId(unknown), byId(rest.map(holdOf)));
  },

  async "heartbeat() does not name the claims of other servers"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    await claimOne(store, { server: "server-2" });
    const mine = await claimOne(store, { server: "server-1" });
    assert.deepEqual(await beat(store, [holdOf(mine)]), nothing);
    assert.deepEqual(await beat(store, [], "server-3"), nothing);
  },

  async "heartbeat() names a claim as unknown no more once it was settled"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const [a, b] = await claim(store);
    await settle(store, a!, complete());
    assert.deepEqual(await beat(store, [holdOf(b!)]), nothing);
  },

  async "heartbeat() moves no job"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"), newJob("c", { delayMs: 10 }));
    const job = await claimOne(store);
    await h.advance(20);
    await beat(store, [holdOf(job), { id: "b", fence: job.holder.fence }]);
    assert.deepEqual(await statusesOf(store, "a", "b", "c"), ["processing", "ready", "scheduled"]);
  },
});

function byId(holds: readonly Hold[]): Hold[] {
  return holds.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
