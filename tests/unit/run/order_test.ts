import { assertEquals } from "@std/assert";
import type { EnqueueOptions } from "../../../src/enqueue/options.ts";
import { gate, World } from "../../support/world.ts";

/** The order in which one slot runs jobs that all waited. */
async function order(
  jobs: readonly (readonly [string, EnqueueOptions?, string?])[],
): Promise<unknown[]> {
  await using world = new World();
  const seen: unknown[] = [];
  const server = world.server().pool({ name: "one", types: ["t", "u"], concurrency: 1 });
  for (const type of ["t", "u"]) server.handle(type, ({ job }) => void seen.push(job.payload));
  for (const [payload, options, type = "t"] of jobs) {
    await world.client.enqueue(type, payload, options);
  }
  await server.start();
  await world.clock.advance(10_000);
  await server.drain();
  return seen;
}

Deno.test("jobs run in the order in which they came", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `${i}`);
  assertEquals(await order(names.map((name) => [name])), names);
});

Deno.test("jobs of different types run in the order in which they came", async () => {
  const names = Array.from({ length: 50 }, (_, i) => `${i}`);
  assertEquals(await order(names.map((name, i) => [name, {}, i % 3 ? "t" : "u"])), names);
});

Deno.test("jobs of a higher priority run first, equals in their order", async () => {
  const priorities = [0, 5, -30, 30, 5, 0, 30, -1];
  assertEquals(
    await order(priorities.map((priority, i) => [`${priority} ${i}`, { priority }])),
    ["30 3", "30 6", "5 1", "5 4", "0 0", "0 5", "-1 7", "-30 2"],
  );
});

Deno.test("a job atFront runs before its equals, not before a higher priority", async () => {
  assertEquals(
    await order([
      ["a"],
      ["b"],
      ["front 1", { atFront: true }],
      ["front 2", { atFront: true }],
      ["high", { priority: 1 }],
      ["low front", { priority: -1, atFront: true }],
    ]),
    ["high", "front 2", "front 1", "a", "b", "low front"],
  );
});

Deno.test("delayed jobs join the line when they are due, earliest first", async () => {
  assertEquals(
    await order([
      ["late", { delayMs: 300 }],
      ["early", { delayMs: 100 }],
      ["now"],
      ["middle", { delayMs: 200 }],
    ]),
    ["now", "early", "middle", "late"],
  );
});

Deno.test("a retried job goes to the end of the line", async () => {
  await using world = new World();
  const seen: string[] = [];
  const { opened, open } = gate();
  const server = world.server({ backoff: { type: "fixed", baseMs: 100 } });
  server.handle("t", async ({ job }) => {
    seen.push(`${job.payload} ${job.attempt}`);
    if (job.payload === "fails" && job.attempt === 1) throw new Error("x");
    if (job.payload === "holds") await opened;
  }, { concurrency: 1 });
  for (const name of ["fails", "holds", "waits"]) await world.client.enqueue("t", name);
  await server.start();
  await world.flush();
  await world.clock.advance(100);
  open();
  await server.drain();
  assertEquals(seen, ["fails 1", "holds 1", "waits 1", "fails 2"]);
});

const delays: readonly [string, EnqueueOptions][] = [
  ["delayMs", { delayMs: 1234 }],
  ["runAt", { runAt: 1_767_225_600_000 + 1234 }],
  ["a Date in runAt", { runAt: new Date(1_767_225_600_000 + 1234) }],
];

for (const [what, options] of delays) {
  Deno.test(`a job with ${what} starts at that millisecond, not before`, async () => {
    await using world = new World();
    const at: number[] = [];
    await world.server().handle("t", () => void at.push(world.clock.mono())).start();
    const handle = await world.client.enqueue("t", null, options);
    assertEquals(handle.status, "scheduled");
    await world.flush();
    await world.clock.advance(1233);
    assertEquals(at, []);
    await world.clock.advance(1);
    await handle.result();
    assertEquals(at, [1234]);
  });
}

Deno.test("an earlier delayed job wakes a pool that sleeps until a later one", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const server = world.server().handle("t", ({ job }) => void seen.push(job.payload));
  await server.start();
  await world.client.enqueue("t", "later", { delayMs: 500 });
  await world.flush();
  await world.client.enqueue("t", "earlier", { delayMs: 200 });
  await world.flush();
  await world.clock.advance(200);
  assertEquals(seen, ["earlier"]);
  await world.clock.advance(300);
  assertEquals(seen, ["earlier", "later"]);
});

Deno.test("a delayed job is due on time though its pool was busy meanwhile", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const { opened, open } = gate();
  const server = world.server();
  server.handle("t", async ({ job }) => {
    seen.push(job.payload);
    if (job.payload === "holds") await opened;
  }, { concurrency: 1 });
  await server.start();
  await world.client.enqueue("t", "delayed", { delayMs: 1000 });
  await world.flush();
  await world.client.enqueue("t", "holds");
  await world.flush();
  await world.clock.advance(900);
  open();
  await world.flush();
  await world.clock.advance(99);
  assertEquals(seen, ["holds"]);
  await world.clock.advance(1);
  assertEquals(seen, ["holds", "delayed"]);
});

Deno.test("a job that did not start by expireAt is canceled and never runs", async () => {
  await using world = new World();
  let runs = 0;
  const expireAt = world.clock.now() + 100;
  const { id } = await world.client.enqueue("t", null, { expireAt });
  await world.clock.advance(100);
  await world.server().handle("t", () => runs++).start();
  await world.flush();
  const record = await world.record(id);
  assertEquals([record.status, record.error, runs], ["canceled", "expired", 0]);
});

Deno.test("a job that started by expireAt runs on, and is retried after it", async () => {
  await using world = new World();
  const server = world.server({ backoff: { type: "fixed", baseMs: 500 } });
  server.handle("t", ({ job }) => {
    if (job.attempt === 1) throw new Error("once");
    return "second";
  });
  await server.start();
  const handle = await world.client.enqueue("t", null, { expireAt: world.clock.now() + 100 });
  assertEquals(await world.drive(handle.result(), 100), "second");
});

Deno.test("a waiting job is canceled by upkeep when it expires, without a claim", async () => {
  await using world = new World();
  await world.server().start();
  const handle = await world.client.enqueue("t", null, { expireAt: world.clock.now() + 3000 });
  await world.clock.advance(2999);
  assertEquals((await world.record(handle.id)).status, "ready");
  await world.clock.advance(2000);
  assertEquals((await world.record(handle.id)).status, "canceled");
});
