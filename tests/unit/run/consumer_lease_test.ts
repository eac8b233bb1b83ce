import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { InvalidOptionError } from "../../../src/errors.ts";
import { JobCanceledError, LeaseLostError } from "../../../src/run/errors.ts";
import { claimOne, consumerOf } from "../../support/consuming.ts";
import { failBefore } from "../../support/decorated_store.ts";
import { World } from "../../support/world.ts";

const leaseMs = 3000;

Deno.test("a claim that is not extended lapses, and the job goes to another", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs });
  const { id } = await world.client.enqueue("t");
  const work = await claimOne(consumer);
  await world.clock.advance(leaseMs - 1);
  assertEquals(work.signal.aborted, false);
  await world.clock.advance(1 + 1000);
  const reason: unknown = work.signal.reason;
  assertInstanceOf(reason, LeaseLostError);
  assertEquals(reason.id, id);
  const record = await world.record(id);
  assertEquals([record.status, record.deliveries], ["ready", 1], "this consumer's upkeep reaps");

  const again = await claimOne(consumer);
  assertEquals([again.job.id, again.job.attempt, again.fence > work.fence], [id, 2, true]);
  for (const settle of [work.complete("late"), work.fail("late"), work.release()]) {
    await assertRejects(() => settle, Error);
  }
  await assertRejects(() => work.extend(), Error);
  await again.complete("in time");
  assertEquals((await world.record(id)).result, '"in time"');
});

for (const verb of ["complete", "fail", "release"] as const) {
  Deno.test(`${verb} rejects with LeaseLostError when another has the job`, async () => {
    await using world = new World();
    await using consumer = consumerOf(world, { leaseMs });
    await world.client.enqueue("t");
    const work = await claimOne(consumer);
    await world.clock.advance(leaseMs + 1000);
    const other = await claimOne(consumer);
    const settle = verb === "fail" ? work.fail(new Error("x")) : work[verb]();
    await assertRejects(() => settle, LeaseLostError);
    await other.complete();
  });
}

Deno.test("a job is completed after its lease if nobody has taken it", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs, upkeep: false });
  const handle = await world.client.enqueue("t");
  const work = await claimOne(consumer);
  await world.clock.advance(2 * leaseMs);
  assertInstanceOf(work.signal.reason, LeaseLostError);
  await work.complete("late, and alone");
  assertEquals(await handle.result(), "late, and alone");
});

Deno.test("extend makes the claim hold for a lease from now", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs });
  const { id } = await world.client.enqueue("t");
  const work = await claimOne(consumer);
  for (let i = 0; i < 10; i++) {
    await world.clock.advance(leaseMs - 100);
    await work.extend();
  }
  await work.extend(60_000);
  await world.clock.advance(59_000);
  assertEquals([work.signal.aborted, (await world.record(id)).deliveries], [false, 0]);
  await world.clock.advance(2000);
  assertInstanceOf(work.signal.reason, LeaseLostError);
  await assertRejects(() => work.extend(), LeaseLostError);
});

Deno.test("extend of one job leaves the others alone", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs });
  await world.client.enqueue("t", "extended");
  await world.client.enqueue("t", "forgotten");
  const [one, other] = await consumer.claim({ types: ["t"], limit: 2 });
  await world.clock.advance(leaseMs - 1);
  await one!.extend();
  await world.clock.advance(leaseMs - 1);
  assertEquals([one!.signal.aborted, other!.signal.aborted], [false, true]);
  assertEquals((await world.record(one!.job.id)).status, "processing");
});

Deno.test("extensions in flight go to the store together", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { upkeep: false });
  for (let i = 0; i < 10; i++) await world.client.enqueue("t", i);
  const works = await consumer.claim({ types: ["t"], limit: 10 });
  await Promise.all(works.map((work, i) => work.extend(i < 7 ? 5000 : 9000)));
  const beats = world.store.calls("heartbeat")
    .filter(([{ presence }]) => presence === undefined)
    .map(([beat]) => [beat.leaseMs, beat.holds.length]);
  assertEquals(beats, [[5000, 7], [9000, 3]]);
});

Deno.test("extend rejects with LeaseLostError when another has the job", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs, upkeep: false });
  const { id } = await world.client.enqueue("t");
  const work = await claimOne(consumer);
  await work.extend(60_000);
  await world.clock.advance(1000);
  // As an administrator might: the store says who holds it.
  world.store.on(
    "heartbeat",
    ({ args: [{ holds }] }) => Promise.resolve({ lost: holds, unknown: [], canceled: [] }),
  );
  const error = await assertRejects(() => work.extend(), LeaseLostError);
  assertEquals([error.id, work.signal.reason instanceof LeaseLostError], [id, true]);
});

Deno.test("extend rejects with JobCanceledError when the job was canceled, and so does a settle", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { upkeep: false });
  await world.client.enqueue("t");
  const work = await claimOne(consumer);
  world.store.on("heartbeat", ({ args: [{ holds }] }) => {
    const canceled = holds.map((hold) => ({ ...hold, reason: "unwanted" }));
    return Promise.resolve({ lost: [], unknown: [], canceled });
  });
  world.store.on("settle", () => Promise.resolve({ results: ["lost"] }));
  const error = await assertRejects(() => work.extend(), JobCanceledError);
  assertEquals([error.reason, work.signal.reason === error], ["unwanted", true]);
  await assertRejects(() => work.complete(), JobCanceledError);
});

Deno.test("extend throws what the store throws, and the lease goes on", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs, upkeep: false });
  await world.client.enqueue("t");
  const work = await claimOne(consumer);
  const extended = world.store.calls("heartbeat").length;
  world.store.on("heartbeat", failBefore((n) => n === extended + 1));
  await assertRejects(() => work.extend(), Error, "down");
  assertEquals(work.signal.aborted, false);
  await work.extend();
});

for (const ms of [99, 0, 1.5, NaN]) {
  Deno.test(`extend refuses ${ms}`, async () => {
    await using world = new World();
    await using consumer = consumerOf(world);
    await world.client.enqueue("t");
    const work = await claimOne(consumer);
    await assertRejects(() => work.extend(ms), InvalidOptionError, "Cannot extend lease");
  });
}

Deno.test("autoExtend keeps claims for as long as the consumer lives", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs, autoExtend: true });
  const handle = await world.client.enqueue("t");
  const work = await claimOne(consumer);
  await world.clock.advance(20 * leaseMs);
  assertEquals(work.signal.aborted, false);
  await work.complete("done");
  assertEquals([await handle.result(), (await world.record(handle.id)).deliveries], ["done", 0]);
  const beats = world.store.calls("heartbeat").length;
  await world.clock.advance(leaseMs);
  const holds = world.store.calls("heartbeat").slice(beats).map(([beat]) => beat.holds.length);
  assertEquals(holds.every((n) => n === 0), true, "a settled job is let go");
});

Deno.test("autoExtend aborts the signal when no heartbeat is answered for a lease", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs, autoExtend: true, upkeep: false });
  await world.client.enqueue("t");
  const work = await claimOne(consumer);
  world.store.on("heartbeat", failBefore(() => true));
  await world.clock.advance(2 * leaseMs);
  assertInstanceOf(work.signal.reason, LeaseLostError);
  world.store.on("heartbeat", undefined);
});

Deno.test("a claim answered after a lease's length is made sure of first", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs, upkeep: false });
  await world.client.enqueue("t", "kept");
  await world.client.enqueue("t", "lost");
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    await world.clock.advance(leaseMs + 500);
    return reply;
  });
  world.store.on("heartbeat", async ({ args: [{ holds }], run }) => {
    const reply = await run();
    return { ...reply, lost: holds.slice(1) };
  });
  const works = await consumer.claim({ types: ["t"], limit: 2 });
  assertEquals(works.map(({ job }) => job.payload), ["kept"]);
  await world.clock.advance(leaseMs - 1);
  assertEquals(works[0]!.signal.aborted, false);
  await works[0]!.complete();
});

Deno.test("upkeep of a consumer brings back the jobs of one that died", async () => {
  await using world = new World();
  const dead = consumerOf(world, { leaseMs, upkeep: false });
  const { id } = await world.client.enqueue("t");
  await claimOne(dead);
  await using consumer = consumerOf(world, { leaseMs, maxDeliveries: 9 });
  const claim = consumer.claim({ types: ["t"], waitMs: Infinity });
  await world.clock.advance(leaseMs + 1500);
  const [work] = await claim;
  assertEquals([work!.job.id, work!.job.deliveries], [id, 1]);
});

Deno.test("a consumer without upkeep reaps nothing", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { leaseMs, upkeep: false });
  await world.client.enqueue("t");
  await claimOne(consumer);
  await world.clock.advance(10 * leaseMs);
  assertEquals(world.store.calls("reap").length, 0);
});
