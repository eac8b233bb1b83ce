/**
 * Servers: who beats, what it says of itself, and when it is forgotten.
 *
 * @module
 */

import assert from "node:assert/strict";
import { InvalidOptionError } from "../../errors.ts";
import type { HeartbeatReply, Presence, ServerAbout, Store } from "../../store/store.ts";
import { claimOne, LEASE_MS, newJob, put, statusesOf } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What a server with two pools says. */
const about: ServerAbout = {
  kind: "server",
  hostname: "host|1",
  pid: 17,
  runtime: "deno 2.0.0",
  version: "1.2.3",
  pools: [
    { name: "mail", types: ["email.send"], queues: ["slow", "quick"], concurrency: 3 },
    { name: "rest", types: ["*"], queues: null, concurrency: 8, isolate: "thread" },
  ],
};

const SILENCE_MS = 60_000;

function beat(
  store: Store,
  server: string,
  presence: Partial<Presence> = { about },
  leaseMs: number = LEASE_MS,
): Promise<HeartbeatReply> {
  const told = { upMs: 0, busy: [0, 0], ...presence };
  return store.heartbeat({ server, leaseMs, holds: [], presence: told });
}

async function idsOf(store: Store): Promise<string[]> {
  const { servers, cursor } = await store.servers({ limit: 500 });
  assert.equal(cursor, undefined, "one page is enough");
  return servers.map(({ id }) => id);
}

async function tidy(store: Store): Promise<void> {
  await store.reap({ limit: 100, maxDeliveries: 5 });
  await store.prune(100);
}

/** What servers, leave and heartbeat promise together. */
export const serverCases: readonly ConformanceCase[] = stageCases("servers", {
  async "servers() lists nobody when nobody said what it is"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    await claimOne(store);
    await store.heartbeat({ server: "server-1", leaseMs: LEASE_MS, holds: [] });
    assert.deepEqual(await store.servers({ limit: 10 }), { servers: [] });
  },

  async "servers() tells what a server said of itself and when it beat last"(h) {
    const store = await h.open();
    const reply = await beat(store, "host|1-17-%abc", { about, upMs: 1500.7, busy: [1, 2] }, 9000);
    assert.notEqual(reply.wantsAbout, true, "it has said so");
    const startedAt = h.now() - 1500;
    await h.advance(3000);
    await beat(store, "host|1-17-%abc", { upMs: 4500, busy: [3, 8] }, 9000);
    assert.deepEqual((await store.servers({ limit: 10 })).servers, [{
      id: "host|1-17-%abc",
      about,
      startedAt,
      lastHeartbeatAt: h.now(),
      leaseMs: 9000,
      busy: [3, 8],
    }]);
  },

  async "servers() lists the one that started last first, page by page"(h) {
    const store = await h.open();
    for (const [id, upMs] of [["a", 50], ["b", 10], ["c", 30], ["d", 30], ["e", 20]] as const) {
      await beat(store, id, { about, upMs });
    }
    const first = await store.servers({ limit: 2 });
    assert.deepEqual(first.servers.map(({ id }) => id), ["b", "e"]);
    await store.leave("e");
    await beat(store, "new", { about, upMs: 0 });
    const second = await store.servers({ limit: 2, cursor: first.cursor! });
    assert.deepEqual(second.servers.map(({ id }) => id), ["d", "c"]);
    const third = await store.servers({ limit: 2, cursor: second.cursor! });
    assert.deepEqual(third.servers.map(({ id }) => id), ["a"]);
    assert.equal(third.cursor, undefined, "that was the last page");
  },

  async "servers() refuses a page that cannot be"(h) {
    const store = await h.open();
    for (const page of [{ limit: 0 }, { limit: 501 }, { limit: 1, cursor: "x" }]) {
      await assert.rejects(async () => await store.servers(page), InvalidOptionError);
    }
  },

  async "heartbeat() asks a server what it is when the store does not know"(h) {
    const store = await h.open();
    assert.equal((await beat(store, "server-1", {})).wantsAbout, true);
    assert.deepEqual(await idsOf(store), []);
    assert.notEqual((await beat(store, "server-1", { about })).wantsAbout, true);
    assert.notEqual((await beat(store, "server-1", {})).wantsAbout, true);
    assert.deepEqual(await idsOf(store), ["server-1"]);
  },

  async "servers() leaves out a server that was silent for three leases, at least a minute"(h) {
    const store = await h.open();
    await beat(store, "short", { about, upMs: 0 }, 1000);
    await beat(store, "long", { about, upMs: 1 }, 30_000);
    await h.advance(SILENCE_MS - 1);
    assert.deepEqual(await idsOf(store), ["short", "long"]);
    await h.advance(1);
    assert.deepEqual(await idsOf(store), ["long"]);
    await tidy(store);
    assert.equal((await beat(store, "short", {}, 1000)).wantsAbout, true, "it is forgotten");
    await h.advance(30_000 - 1);
    assert.deepEqual(await idsOf(store), ["long"]);
    await h.advance(1);
    assert.deepEqual(await idsOf(store), []);
    await tidy(store);
    assert.equal((await beat(store, "long", {}, 30_000)).wantsAbout, true, "so is the other");
  },

  async "leave() forgets a server at once, and again does nothing"(h) {
    const store = await h.open();
    await beat(store, "server-1");
    await beat(store, "server-2");
    await store.leave("server-1");
    await store.leave("server-1");
    await store.leave("never there");
    assert.deepEqual(await idsOf(store), ["server-2"]);
    assert.equal((await beat(store, "server-1", {})).wantsAbout, true);
  },

  async "leave() leaves the claims of the server to end with their leases"(h) {
    const store = await h.open();
    await put(store, newJob("a"));
    const job = await claimOne(store);
    await beat(store, job.holder.server);
    await store.leave(job.holder.server);
    assert.deepEqual(await statusesOf(store, "a"), ["processing"]);
    await h.advance(LEASE_MS);
    assert.equal((await store.reap({ limit: 10, maxDeliveries: 5 })).moved, 1);
    assert.deepEqual(await statusesOf(store, "a"), ["ready"]);
  },
});

/** The same across handles. */
export const serverSharedCases: readonly ConformanceCase[] = stageCases("servers", {
  async "servers() tells of servers at another handle"(h) {
    const first = await h.open();
    const second = await h.openSecond();
    await beat(first, "server-1");
    await beat(second, "server-2", { about, upMs: 5 });
    assert.deepEqual(await idsOf(second), ["server-1", "server-2"]);
    await second.leave("server-1");
    assert.deepEqual(await idsOf(first), ["server-2"]);
  },
}, "shared");
