import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import type { JobContext } from "../../../src/run/context.ts";
import { LeaseLostError } from "../../../src/run/errors.ts";
import { failBefore } from "../../support/decorated_store.ts";
import { gate, never, untilAborted, World } from "../../support/world.ts";

const leaseMs = 3000;

/** Gives a job to another server, as when this one's heartbeats did not come through in time. */
async function takeAway(world: World, id: string): Promise<number> {
  const { store } = world;
  store.on("heartbeat", () => Promise.resolve({ lost: [], unknown: [], canceled: [] }));
  store.on("reap", () => Promise.resolve({ moved: 0, nextInMs: null }));
  await world.clock.advance(leaseMs);
  store.on("heartbeat", undefined);
  store.on("reap", undefined);
  const request = { ...store.calls("claim").at(-1)![0], server: "other", limit: 1, leaseMs: 1e9 };
  // In one tick, so that no pool comes in between.
  const [, { jobs }] = await Promise.all([
    store.reap({ limit: 10, maxDeliveries: 99 }),
    store.claim(request),
  ]);
  assertEquals(jobs[0]?.id, id, "the other server has it");
  return jobs[0]!.holder.fence;
}

Deno.test("heartbeats keep a job alive for many times its lease", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const servers = [world.server({ leaseMs }), world.server({ leaseMs })];
  let runs = 0;
  for (const server of servers) {
    server.handle("t", async () => {
      runs++;
      await opened;
      return "done";
    });
    await server.start();
  }
  const handle = await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(40 * leaseMs);
  open();
  assertEquals(await handle.result(), "done");
  const record = await world.record(handle.id);
  assertEquals([runs, record.deliveries, record.attemptsMade], [1, 0, 1]);
});

Deno.test("a heartbeat goes out at the start and every third of a lease with all that is held", async () => {
  await using world = new World();
  await world.server({ leaseMs }).handle("t", untilAborted, { concurrency: 5 }).start();
  await Promise.all([1, 2, 3].map(() => world.client.enqueue("t")));
  await world.flush();
  await world.clock.advance(leaseMs);
  const beats = world.store.calls("heartbeat");
  assertEquals(beats.map(([{ holds }]) => holds.length), [0, 3, 3, 3]);
});

Deno.test("a heartbeat names no job that has been settled", async () => {
  await using world = new World();
  await world.server({ leaseMs }).handle("t", () => 1).start();
  await (await world.client.enqueue("t")).result();
  await world.flush();
  await world.clock.advance(leaseMs);
  assertEquals(world.store.calls("heartbeat").map(([{ holds }]) => holds.length), [0, 0, 0, 0]);
});

Deno.test("a handler whose lease another server took is told, and settles nothing", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const contexts: JobContext[] = [];
  const server = world.server({ leaseMs });
  server.handle("t", async (context) => {
    contexts.push(context);
    await opened;
    return "from a lost holder";
  });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  const fence = await takeAway(world, id);
  await world.clock.advance(leaseMs / 3);

  const reason: unknown = contexts[0]!.signal.reason;
  assertInstanceOf(reason, LeaseLostError);
  assertEquals([reason.name, reason.code, reason.id], ["LeaseLostError", "LEASE_LOST", id]);
  await assertRejects(() => contexts[0]!.progress(0.5), LeaseLostError);
  await assertRejects(() => contexts[0]!.log("line"), LeaseLostError);
  open();
  await world.flush();
  const record = await world.record(id);
  assertEquals([record.status, record.holder?.fence, record.result], ["processing", fence, null]);
  assertEquals(record.logs, []);
});

Deno.test("a lost job frees its slot", async () => {
  await using world = new World();
  const server = world.server({ leaseMs });
  server.handle("t", ({ job }) => job.payload === "hang" ? never() : "ran", { concurrency: 1 });
  await server.start();
  const { id } = await world.client.enqueue("t", "hang");
  await world.flush();
  const next = await world.client.enqueue("t", "next", { priority: -1 });
  await takeAway(world, id);
  assertEquals(await world.drive(next.result()), "ran");
});

Deno.test("callbacks are not called for a job that was lost", async () => {
  await using world = new World();
  const called: string[] = [];
  const server = world.server({ leaseMs });
  server.handle("t", untilAborted, {
    onFailure: () => called.push("failure"),
    onComplete: () => called.push("complete"),
  });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  await takeAway(world, id);
  await world.clock.advance(leaseMs);
  await world.flush();
  assertEquals(called, []);
});

Deno.test("an outcome that comes after the lease was lost is refused and logged", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server({ leaseMs });
  server.handle("t", () => opened.then(() => "late"));
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  // No heartbeat tells of the loss before the handler has ended.
  const fence = await takeAway(world, id);
  world.store.on("heartbeat", failBefore(() => true));
  open();
  await world.flush();
  assertEquals((await world.record(id)).holder?.fence, fence);
});

Deno.test("all holds count as lost when no heartbeat was answered for a lease", async () => {
  await using world = new World();
  let reason: unknown;
  const server = world.server({ leaseMs });
  server.handle("t", (context) => {
    context.signal.addEventListener("abort", () => reason = context.signal.reason);
    return untilAborted(context);
  });
  await server.start();
  await world.client.enqueue("t");
  await world.flush();
  world.store.on("heartbeat", failBefore(() => true));
  await world.clock.advance(leaseMs);
  assertEquals(reason, undefined, "while the lease may hold, the work goes on");
  await world.clock.advance(leaseMs / 3);
  assertInstanceOf(reason, LeaseLostError);
  assertEquals(world.logger.saying("Heartbeat failed").length > 2, true);
});

Deno.test("all holds count as lost when a heartbeat hangs for a lease", async () => {
  await using world = new World();
  let reason: unknown;
  const server = world.server({ leaseMs });
  server.handle("t", (context) => {
    context.signal.addEventListener("abort", () => reason = context.signal.reason);
    return untilAborted(context);
  });
  await server.start();
  await world.client.enqueue("t");
  await world.flush();
  const { opened, open } = gate();
  // As over a connection that is dead but was never closed.
  world.store.on("heartbeat", ({ run }) => opened.then(run));
  await world.clock.advance(3 * leaseMs);
  open();
  assertInstanceOf(reason, LeaseLostError);
});

Deno.test("heartbeats that fail for less than a lease lose nothing", async () => {
  await using world = new World();
  const { opened, open } = gate();
  await world.server({ leaseMs }).handle("t", () => opened.then(() => "done")).start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  world.store.on("heartbeat", failBefore((n) => n % 3 !== 0));
  await world.clock.advance(20 * leaseMs);
  open();
  assertEquals(await handle.result(), "done");
  assertEquals((await world.record(handle.id)).deliveries, 0);
});

Deno.test("heartbeats go on while a claim of a pool hangs", async () => {
  await using world = new World();
  const server = world.server({ leaseMs });
  server.handle("long", untilAborted, { concurrency: 1 }).handle("other", () => 1, {
    concurrency: 1,
  });
  await server.start();
  const long = await world.client.enqueue("long");
  await world.flush();
  const { opened, open } = gate();
  // The store has claimed, and its answer does not come: a heartbeat calls the claim unknown.
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    await opened;
    return reply;
  });
  await world.client.enqueue("other");
  await world.flush();
  await world.clock.advance(5 * leaseMs);
  const { holder } = await world.record(long.id);
  const left = holder === null ? "no holder" : holder.leaseUntil - world.clock.now();
  open();
  assertEquals(Number(left) > 0, true, `the lease of another pool's job has ${left} ms left`);
});
