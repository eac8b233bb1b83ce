/** When monitors look for operations, wait with them and leave them to others. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Server } from "../../../mod.ts";
import { uuidv7Generator } from "../../../src/job/id.ts";
import type { Operation } from "../../../src/monitor/operations/operation.ts";
import { addOrder, readOperation } from "../../../src/monitor/operations/operation_memos.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { MonitorWorld, testWithMonitor } from "../world.ts";
import { attemptsOf, enqueue, failReady, heldAtAct, look, start, untilEnded } from "./jobs.ts";

/** Two steps of an operation. */
const COUNT = 120;

testWithMonitor("an operation waits while the store fails, and goes on", async (world) => {
  const { store, clock } = world;
  const ids = await enqueue(store, COUNT);
  await failReady(store);
  await clock.advance(1);
  const id = await start(world, { action: "retry", query: {} });
  for (const verb of ["list", "putMemos", "act", "memosUnder", "memos"] as const) {
    world.breakNext(verb, "after");
  }
  const end = performance.now() + 120_000;
  let isDone = false;
  while (!isDone) {
    assert.ok(performance.now() < end, "it must come to its end");
    await clock.advance(100);
    const response = await world.fetch(`/api/v1/operations/${id}`);
    isDone = response.ok && (await response.json()).data.ended_at_ms !== null;
  }
  const { state, changed } = await look(world, id);
  assert.deepEqual([state, changed], ["completed", COUNT]);
  await failReady(store);
  assert.deepEqual(new Set(await attemptsOf(store, ids)), new Set([2]));
  assert.notDeepEqual(world.logger.saying("Operation waits, as the store failed"), []);
});

testWithMonitor(
  "a monitor that is closed leaves its operations to others at once",
  async (world) => {
    const { store, clock } = world;
    await enqueue(store, 350);
    await failReady(store);
    await clock.advance(1);
    const id = await start(world, { action: "retry", query: {} });
    const letGo = await heldAtAct(world, 2);
    const closed = world.monitor.close();
    letGo();
    await closed;
    const leases = await store.memosUnder("operation-lease:", { limit: 10 });
    assert.deepEqual(leases.memos, []);
    await clock.advance(60_000);
    assert.equal(store.calls("act").length, 2);
    const other = new MonitorWorld({ store, clock, [Symbol.asyncDispose]: () => store.close() });
    await using _closed = other.monitor;
    const { state, changed } = await untilEnded(other, id);
    assert.deepEqual([state, changed], ["completed", 350]);
  },
);

testWithMonitor(
  "without operations a monitor looks for some once in a while when it is asked",
  async (world) => {
    const { store, clock } = world;
    const looks = (): number => store.calls("memosUnder").length;
    for (let i = 0; i < 20; i++) await world.fetch("/api/v1/queues");
    await clock.advance(60_000);
    assert.equal(looks(), 1);
    for (let i = 0; i < 20; i++) await world.fetch("/api/v1/queues");
    assert.equal(looks(), 2);
  },
);

test("a server with a monitor goes on with operations before anybody asks", async () => {
  await using store = memoryStore();
  await store.open();
  await enqueue(store, COUNT, { type: "report" });
  const { now } = await store.schedules({ ids: [] });
  const id = uuidv7Generator(() => now)();
  await addOrder(store, {
    id,
    action: "cancel",
    query: { statuses: ["ready"] },
    reason: null,
    who: { name: "", role: "admin", by: "nothing", from: null },
    total: COUNT,
    createdAt: now + 1000,
  });
  const api = { addr: "127.0.0.1:0", auth: "none" } as const;
  await using server = new Server({ store, api, logLevel: "error" });
  await server.start();
  let operation: Operation | undefined;
  while (operation?.end === undefined) {
    operation = await readOperation(store, id);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.deepEqual([operation.end.state, operation.end.changed], ["completed", COUNT]);
});
