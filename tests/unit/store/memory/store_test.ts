import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InvalidOptionError } from "../../../../src/errors.ts";
import { StoreClosedError } from "../../../../src/store/errors.ts";
import { memoryStore } from "../../../../src/store/memory/store.ts";
import { MemoryState } from "../../../../src/store/memory/state.ts";
import { claim } from "../../../../src/store/memory/claim.ts";
import { enqueueGroup } from "../../../../src/store/memory/enqueue.ts";
import { settle } from "../../../../src/store/memory/settle.ts";
import { defaultRetention } from "../../../../src/store/retention.ts";
import type { NewJob, Store } from "../../../../src/store/store.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { World } from "../../../support/world.ts";

const request = {
  server: "s",
  pool: "p",
  sources: [{ queue: null, types: ["t"], share: 0 }],
  limit: 10,
  leaseMs: 1000,
};

function job(id: string, settings: NewJob["settings"] = {}): NewJob {
  return { id, type: "t", queue: "q", priority: 0, payload: "1", settings };
}

const verbs: readonly [string, (store: Store) => Promise<unknown>][] = [
  ["open", (store) => store.open()],
  ["enqueue", (store) => store.enqueue([[job("a")]])],
  ["promote", (store) => store.promote(1)],
  ["expire", (store) => store.expire(1)],
  ["claim", (store) => store.claim(request)],
  ["heartbeat", (store) => store.heartbeat({ server: "s", leaseMs: 1, holds: [] })],
  ["reap", (store) => store.reap({ limit: 1, maxDeliveries: 1 })],
  ["settle", (store) => store.settle({ outcomes: [] })],
  ["report", (store) => store.report([])],
  ["relay", (store) => store.relay(1)],
  ["act", (store) => store.act([], { kind: "promote" })],
  ["pause", (store) => store.pause({ queue: "q", type: null }, true)],
  ["paused", (store) => store.paused()],
  ["children", (store) => store.children("a", { limit: 1 })],
  ["prune", (store) => store.prune(1)],
  ["getJobs", (store) => store.getJobs([])],
  ["list", (store) => store.list({ status: "ready", limit: 1 })],
  ["counts", (store) => store.counts()],
  ["check", (store) => store.check({ repair: false, limit: 1 })],
  ["awaitFinal", (store) => store.awaitFinal("a")],
];

for (const [verb, call] of verbs) {
  Deno.test(`memoryStore's ${verb} rejects, and does not throw, when the store has been closed`, async () => {
    const store = memoryStore();
    await store.open();
    await store.close();
    await assertRejects(() => call(store), StoreClosedError, "memory:");
  });
}

for (const retention of [{ completedMs: -2 }, { failedMs: NaN }, { maxCount: 0.5 }]) {
  Deno.test(`memoryStore refuses the retention ${JSON.stringify(retention)}`, () => {
    assertThrows(() => memoryStore({ retention }), InvalidOptionError, "Cannot open store");
  });
}

Deno.test("memoryStore keeps what it holds when a caller changes what it was given", async () => {
  await using world = new World();
  await world.client.enqueue("t", { n: 1 }, { id: "a", meta: { tags: ["x"] } });
  const seen = await world.client.getJob("a");
  (seen!.meta.tags as string[]).push("changed");
  assertEquals((await world.client.getJob("a"))?.meta, { tags: ["x"] });
});

Deno.test("memoryStore shows a retried job the meta that was enqueued, as other stores do", async () => {
  await using world = new World();
  const server = world.server({ backoff: { type: "fixed", baseMs: 0 } });
  server.handle("t", ({ job }) => {
    const meta = job.meta as { n: number };
    if (meta.n++ === 0 && job.attempt === 1) throw new Error("once");
    return meta.n;
  });
  await server.start();
  const handle = await world.client.enqueue("t", null, { meta: { n: 0 } });
  assertEquals(await world.drive(handle.result()), 1);
});

Deno.test("MemoryState stays as small as its jobs when one is given back many times", () => {
  const clock = new FakeClock();
  const state = new MemoryState(clock, defaultRetention);
  enqueueGroup(state, [job("a", { expireAt: clock.now() + 1e9 })]);
  for (let i = 0; i < 5000; i++) {
    const [claimed] = claim(state, request).jobs;
    const { fence } = claimed!.holder;
    settle(state, {
      outcomes: [{ id: "a", fence, verdict: { kind: "release" }, ranMs: 0 }],
    });
  }
  assertEquals(state.expiring.size < 3000, true, `${state.expiring.size} nodes for one job`);
});

Deno.test("MemoryState stays as small as its jobs when one is retried many times", () => {
  const clock = new FakeClock();
  const state = new MemoryState(clock, defaultRetention);
  enqueueGroup(state, [job("a")]);
  for (let i = 0; i < 5000; i++) {
    const [claimed] = claim(state, request).jobs;
    const { fence } = claimed!.holder;
    const verdict = { kind: "retry", delayMs: 0, counted: true, error: { message: "x" } } as const;
    settle(state, { outcomes: [{ id: "a", fence, verdict, ranMs: 0 }] });
  }
  assertEquals(state.due.size < 3000, true, `${state.due.size} nodes for one job`);
});

Deno.test("MemoryState forgets queues when their last job has gone", () => {
  const clock = new FakeClock();
  const state = new MemoryState(clock, { ...defaultRetention, completedMs: 0 });
  const verdict = { kind: "complete", result: null } as const;
  for (let i = 0; i < 2000; i++) {
    enqueueGroup(state, [{ ...job(`a${i}`), queue: `user-${i}` }]);
    const [claimed] = claim(state, request).jobs;
    const { id, holder: { fence } } = claimed!;
    settle(state, { outcomes: [{ id, fence, verdict, ranMs: 0 }] });
  }
  assertEquals(state.jobs.size, 0);
  // A claim from all queues looks at each that is remembered.
  assertEquals(state.lanes.size < 100, true, `${state.lanes.size} queues without a job`);
});
