import { assert, assertEquals } from "@std/assert";
import type { Server } from "../../../src/run/server.ts";
import { sleep } from "../../../src/clock.ts";
import { drained, enqueue, farWorld as far, TRIP_MS } from "../../support/far_world.ts";
import { gate, type World } from "../../support/world.ts";

/** More jobs than a pool looks back at. */
const MANY = 400;

/** The most that was claimed ahead by one call. */
function mostAhead({ store }: World): number {
  const claims = [
    ...store.calls("claim").map(([claim]) => claim),
    ...store.calls("settle").flatMap(([{ claim }]) => claim ?? []),
  ];
  return Math.max(...claims.map(({ ahead = 0 }) => ahead));
}

/** One cycle at a time, and two. */
function test(name: string, run: (farWorld: () => World) => Promise<void>): void {
  Deno.test(name, () => run(() => far(false)));
  Deno.test(`${name}, on a pipelined store`, () => run(() => far(true)));
}

test("a pool far from its store claims ahead, and runs each job once and in order", async (farWorld) => {
  await using world = farWorld();
  await enqueue(world, MANY);
  const seen: unknown[] = [];
  const server = world.server();
  server.handle("work", ({ job }) => void seen.push(job.payload), { concurrency: 2 });
  await server.start();
  await drained(world, server);
  assertEquals(seen, Array.from({ length: MANY }, (_, n) => n));
  assert(mostAhead(world) > 50, `most ahead: ${mostAhead(world)}`);
  const trips = world.store.calls("claim").length + world.store.calls("settle").length;
  assert(trips < MANY / 4, `calls: ${trips}`);
});

test("a pool with prefetch 0 claims no more than it has slots for", async (farWorld) => {
  await using world = farWorld();
  await enqueue(world, 60);
  const server = world.server();
  server.handle("work", () => {});
  server.pool({ name: "p", types: ["work"], concurrency: 2, prefetch: 0 });
  await server.start();
  await drained(world, server);
  assertEquals(mostAhead(world), 0);
  for (const [{ claim }] of world.store.calls("settle")) assert((claim?.limit ?? 0) <= 2);
});

test("a pool whose handlers take longer than a round trip claims nothing ahead", async (farWorld) => {
  await using world = farWorld();
  await enqueue(world, 100);
  const server = world.server();
  server.handle("work", () => sleep(world.clock, 2 * TRIP_MS), { concurrency: 4 });
  await server.start();
  await drained(world, server);
  assertEquals(mostAhead(world), 0);
});

/** A server that has claimed ahead and then got stuck in a handler. */
async function stuck(
  world: World,
): Promise<{ server: Server; ids: readonly string[]; seen: string[]; free: () => void }> {
  const ids = await enqueue(world, MANY);
  const seen: string[] = [];
  const handler = gate();
  const server = world.server();
  server.handle("work", async ({ job }) => {
    seen.push(job.id);
    if (seen.length >= 200) await handler.opened;
  }, { concurrency: 1 });
  await server.start();
  for (let i = 0; seen.length < 200 && i < 10_000; i++) await world.clock.advance(0.1);
  return { server, ids, seen, free: () => handler.open() };
}

async function heldBy(world: World, ids: readonly string[]): Promise<number> {
  const records = await world.store.getJobs(ids);
  return records.filter((record) => record?.status === "processing").length;
}

test("what waits behind a handler that does not end goes back soon, uncounted", async (farWorld) => {
  await using world = farWorld();
  const { ids, seen, free } = await stuck(world);
  for (let i = 0; i < 2 * TRIP_MS; i++) await world.clock.advance(1);
  assert(await heldBy(world, ids) > 1, "some are held ahead");
  for (let i = 0; i < 60; i++) await world.clock.advance(1);
  assertEquals(await heldBy(world, ids), 1, "all but the running one went back");
  const untouched = ids.filter((id) => !seen.includes(id));
  for (const record of await world.store.getJobs(untouched)) {
    assertEquals(record!.status, "ready");
    assertEquals([record!.deliveries, record!.attemptsMade], [0, 0]);
  }
  const others: string[] = [];
  const other = world.server();
  other.handle("work", ({ job }) => void others.push(job.id), { concurrency: 1 });
  await other.start();
  for (let i = 0; others.length < untouched.length && i < 10_000; i++) await world.clock.advance(1);
  assertEquals(others, untouched, "another server runs them, in their order");
  free();
});

test("a stop gives back what was claimed ahead, uncounted, and waits for what runs", async (farWorld) => {
  await using world = farWorld();
  const { server, ids, seen, free } = await stuck(world);
  for (let i = 0; i < 2 * TRIP_MS; i++) await world.clock.advance(1);
  assert(await heldBy(world, ids) > 1, "some are held ahead");
  const stopped = server.stop();
  for (let i = 0; i < 3 * TRIP_MS; i++) await world.clock.advance(1);
  assertEquals(await heldBy(world, ids), 1);
  free();
  await world.drive(stopped, 1);
  const records = await world.store.getJobs(ids);
  assertEquals(records.filter((record) => record!.status === "completed").length, seen.length);
  for (const record of records.filter((record) => record!.status !== "completed")) {
    assertEquals([record!.status, record!.deliveries, record!.attemptsMade], ["ready", 0, 0]);
  }
});

test("a job that was canceled while it was held ahead is not started", async (farWorld) => {
  await using world = farWorld();
  const { server, ids, seen, free } = await stuck(world);
  for (let i = 0; i < 2 * TRIP_MS; i++) await world.clock.advance(1);
  const held = (await world.store.getJobs(ids)).findLast((job) => job?.status === "processing")!;
  assert(!seen.includes(held.id));
  await world.client.control.cancel(held.id);
  free();
  await drained(world, server);
  assert(!seen.includes(held.id));
  assertEquals((await world.record(held.id)).status, "canceled");
  assertEquals(seen.length, ids.length - 1);
});

test("a suspect is started when the store knows, not before", async (farWorld) => {
  await using world = farWorld();
  const ids = await enqueue(world, MANY);
  const suspect = ids[300]!;
  const settle = async (
    { run, args: [{ startMark }] }: Parameters<
      Parameters<typeof world.store.on<"settle">>[1] & object
    >[0],
  ) => {
    await sleep(world.clock, TRIP_MS / 2);
    const reply = await run();
    marks.push(startMark?.unstartedFrom);
    const jobs = reply.claimed?.jobs.map((job) =>
      job.id === suspect ? (fence = job.holder.fence, { ...job, suspect: true }) : job
    );
    await sleep(world.clock, TRIP_MS / 2);
    return jobs === undefined ? reply : { ...reply, claimed: { ...reply.claimed!, jobs } };
  };
  const marks: (number | null | undefined)[] = [];
  let fence = 0;
  world.store.on("settle", settle);
  const seen: string[] = [];
  const server = world.server();
  server.handle("work", ({ job, fence: own }) => {
    seen.push(job.id);
    if (job.id !== suspect) return;
    const last = marks.findLast((mark) => mark !== undefined)!;
    assert(last === null || last > own, `the store was told ${last}, this is ${own}`);
  }, { concurrency: 1 });
  await server.start();
  await drained(world, server);
  assert(fence > 0, "it came by a settle");
  assertEquals(seen, [...ids]);
  const failed = (await world.store.getJobs(ids)).filter((job) => job!.status !== "completed");
  assertEquals(failed, []);
});

test("the mark says up to where a pool has started its jobs", async (farWorld) => {
  await using world = farWorld();
  const started = new Set<number>();
  await enqueue(world, MANY);
  let told = 0;
  const { store } = world;
  store.on("settle", async ({ run, args: [{ startMark, outcomes }] }) => {
    for (const { fence } of outcomes) assert(started.has(fence));
    if (startMark !== undefined && startMark.unstartedFrom !== null) {
      told++;
      assert(!started.has(startMark.unstartedFrom), "it was started");
    }
    await sleep(world.clock, TRIP_MS);
    return await run();
  });
  const server = world.server();
  server.handle("work", async ({ fence }) => {
    started.add(fence);
    await sleep(world.clock, 1);
  }, { concurrency: 3 });
  await server.start();
  await drained(world, server);
  assert(told > 10, `told ${told} times`);
  const last = store.calls("settle").map(([{ startMark }]) => startMark).findLast((mark) => mark);
  assertEquals(last!.unstartedFrom, null);
});

test("two servers that claim ahead share a backlog evenly", async (farWorld) => {
  await using world = farWorld();
  const jobs = 1000;
  await enqueue(world, jobs);
  const ran = [0, 0];
  for (const n of [0, 1]) {
    const server = world.server();
    server.handle("work", () => void ran[n]!++, { concurrency: 5 });
    await server.start();
  }
  for (let i = 0; ran[0]! + ran[1]! < jobs && i < 20_000; i++) await world.clock.advance(0.5);
  assert(mostAhead(world) > 0);
  assert(Math.min(...ran) > jobs * 0.4, `${ran}`);
});
