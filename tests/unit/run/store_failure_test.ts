import { assertEquals } from "@std/assert";
import { seededRng } from "../../../src/rng.ts";
import { failAfter, failBefore, type Verb } from "../../support/decorated_store.ts";
import { gate, World } from "../../support/world.ts";

const JOBS = 60;
const faults = [["before", failBefore], ["after", failAfter]] as const;
const verbs: readonly Verb[] = ["claim", "settle", "heartbeat", "report"];

const patterns: readonly [string, (n: number) => boolean][] = [
  ["the first call", (n) => n === 1],
  ["the third call", (n) => n === 3],
  ["half of the calls", (n) => seededRng(n)() < 0.5],
  ["ten calls in a row", (n) => n >= 2 && n < 12],
];

for (const verb of verbs) {
  for (const [moment, fault] of faults) {
    for (const [which, when] of patterns) {
      Deno.test(`a server loses no job when ${verb} fails ${moment} its work at ${which}`, async () => {
        await using world = new World();
        const runs = new Map<string, number>();
        const server = world.server({ leaseMs: 6000, backoff: { type: "fixed", baseMs: 50 } });
        server.pool({ name: "p", types: ["t"], concurrency: 7 });
        server.handle("t", async ({ job, log }) => {
          runs.set(job.id, (runs.get(job.id) ?? 0) + 1);
          log("began").catch(() => {});
          if (job.payload as number % 10 === 9 && job.attempt === 1) throw new Error("once");
          await undefined;
          return job.payload;
        });
        world.store.on(verb, fault(when));
        await server.start();
        const handles = [];
        for (let i = 0; i < JOBS; i++) handles.push(await world.client.enqueue("t", i));
        const results = world.drive(Promise.all(handles.map((handle) => handle.result())));
        assertEquals(await results, Array.from({ length: JOBS }, (_, i) => i));
        for (const [i, { id }] of handles.entries()) {
          // What was given back before it began does not count as a run.
          assertEquals(runs.get(id), i % 10 === 9 ? 2 : 1, `runs of job ${i}`);
          const { deliveries, retryCount } = await world.record(id);
          assertEquals([deliveries, retryCount], [0, i % 10 === 9 ? 1 : 0], `job ${i}`);
        }
      });
    }
  }
}

for (const [moment, fault] of faults) {
  Deno.test(`upkeep goes on when its steps fail ${moment} their work`, async () => {
    await using world = new World();
    const server = world.server({ leaseMs: 6000 }).handle("t", () => "ran");
    for (const verb of ["reap", "promote", "expire", "prune"] as const) {
      world.store.on(verb, fault((n) => n % 2 === 1));
    }
    await server.start();
    const handle = await world.client.enqueue("t", null, { delayMs: 20_000 });
    assertEquals(await world.drive(handle.result()), "ran");
    assertEquals(world.logger.saying("Upkeep failed").length > 0, true);
  });
}

Deno.test("a lost claim reply is given back by the next heartbeat, without a delivery", async () => {
  await using world = new World();
  let runs = 0;
  const server = world.server({ leaseMs: 6000 });
  server.handle("t", () => ++runs, { concurrency: 3 });
  await server.start();
  await world.flush();
  world.store.on("claim", failAfter(() => true));
  const handle = await world.client.enqueue("t");
  await world.flush();
  assertEquals((await world.record(handle.id)).status, "processing", "claimed, unknown to us");
  world.store.on("claim", undefined);
  await world.clock.advance(1999);
  assertEquals(runs, 0);
  await world.clock.advance(1);
  assertEquals(await handle.result(), 1);
  const record = await world.record(handle.id);
  assertEquals([record.deliveries, record.attemptsMade], [0, 1]);
  assertEquals(world.logger.saying("Claims without a reply are given back").length, 1);
});

Deno.test("a heartbeat does not give back a claim whose reply is on its way", async () => {
  await using world = new World();
  const { opened, open } = gate();
  let runs = 0;
  await world.server({ leaseMs: 6000 }).handle("t", () => ++runs).start();
  await world.flush();
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    await opened;
    return reply;
  });
  const handle = await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(2000);
  assertEquals(world.store.calls("heartbeat").length, 2, "at the second it was named unknown");
  open();
  assertEquals(await handle.result(), 1);
  await world.flush();
  assertEquals(runs, 1, "given back, it would have run twice");
});

Deno.test("a settle whose reply was lost is repeated, and callbacks run once", async () => {
  await using world = new World();
  const called: string[] = [];
  const server = world.server({ leaseMs: 6000 });
  server.handle("t", () => "done", { onSuccess: () => called.push("success") });
  world.store.on("settle", failAfter((n) => n === 1));
  await server.start();
  const handle = await world.client.enqueue("t");
  await world.drive(handle.result());
  await world.flush();
  await world.clock.advance(200);
  assertEquals(world.store.calls("settle").length >= 2, true, "settled again");
  assertEquals(called, ["success"]);
  assertEquals((await world.record(handle.id)).attemptsMade, 1);
});

Deno.test("a pool pauses between failures, longer each time, up to five seconds", async () => {
  await using world = new World();
  const at: number[] = [];
  await world.server({ leaseMs: 60_000 }).handle("t", () => 1).start();
  world.store.on("claim", () => {
    at.push(world.clock.mono());
    return Promise.reject(new Error("down"));
  });
  await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(30_000);
  const gaps = at.slice(1).map((time, i) => time - at[i]!);
  assertEquals(gaps.slice(0, 8), [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  assertEquals(world.logger.saying("Store cannot be reached").length, at.length);
});

Deno.test("a pool is quick again after the store came back", async () => {
  await using world = new World();
  await world.server({ leaseMs: 60_000 }).handle("t", () => 1).start();
  world.store.on("claim", failBefore((n) => n < 8));
  await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(20_000);
  world.store.on("claim", failBefore((n) => n === world.store.calls("claim").length && once()));
  let failed = false;
  const once = (): boolean => !failed && (failed = true);
  const handle = await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(100);
  assertEquals(await handle.result(), 1, "the first pause is short again");
});
