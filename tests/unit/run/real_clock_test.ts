import { assert, assertEquals } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { Server } from "../../../src/run/server.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { untilAborted } from "../../support/world.ts";

// Under the system's clock: the sanitizers fail a test that leaves a timer behind.
const strict = { sanitizeOps: true, sanitizeResources: true };

Deno.test("a server leaves no timer behind when it stops idle", strict, async () => {
  const server = new Server({ store: memoryStore(), logLevel: "silent" }).handle("t", () => 1);
  await server.start();
  await server.stop();
});

Deno.test("a server leaves no timer behind when it has worked", strict, async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await using server = new Server({ store, logLevel: "silent", leaseMs: 200 });
  server.handle("t", async ({ job, progress, log }) => {
    await progress(0.5);
    await log("half");
    if (job.payload === "fails") throw new Error("x");
    return "done";
  }, { maxRetry: 1, backoff: { type: "fixed", baseMs: 5 }, onComplete: () => {} });
  await server.start();
  await client.enqueue("t", "delayed for ever", { delayMs: 2 ** 40 });
  await client.enqueue("t", "fails");
  const handles = await Promise.all(Array.from({ length: 50 }, () => client.enqueue("t")));
  await Promise.all(handles.map((handle) => handle.result()));
  await server.drain();
});

Deno.test("a server leaves no timer behind when handlers had to be aborted", strict, async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  const server = new Server({ store, logLevel: "silent" });
  const started = Promise.withResolvers<void>();
  server.handle("t", (context) => {
    started.resolve();
    return untilAborted(context);
  });
  await server.start();
  const { id } = await client.enqueue("t");
  await started.promise;
  await server.stop({ shutdownTimeoutMs: 5, graceMs: 1000 });
  assertEquals((await client.getJob(id))?.status, "ready");
});

Deno.test("a server leaves no timer behind when a handler was abandoned", strict, async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await using server = new Server({ store, logLevel: "silent", timeoutMs: 5, graceMs: 5 });
  server.handle("t", () => new Promise(() => {}), { maxRetry: 0 });
  await server.start();
  const handle = await client.enqueue("t");
  await handle.result().catch(() => {});
  assertEquals((await handle.job())?.error, "Timeout of 5 ms exceeded, handler abandoned");
});

Deno.test("a server leaves no timer behind when its store fails", strict, async () => {
  const store = memoryStore();
  const server = new Server({ store, logLevel: "silent", leaseMs: 200 }).handle("t", () => 1);
  await server.start();
  await store.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await server.stop({ shutdownTimeoutMs: 5, graceMs: 5 });
});

Deno.test("run leaves no listener for signals behind", strict, async () => {
  const server = new Server({ store: memoryStore(), logLevel: "silent" });
  const controller = new AbortController();
  const run = server.run({ signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort();
  await run;
});

for (
  const [how, handler] of [
    ["synchronous", () => 1],
    ["asynchronous", async () => await undefined],
  ] as const
) {
  Deno.test(`timers have their turn while 20 000 ${how} jobs are drained`, strict, async () => {
    const store = memoryStore();
    await using client = new Client({ store });
    await using server = new Server({ store, logLevel: "silent" });
    server.handle("t", handler, { concurrency: 10 });
    const items = Array.from({ length: 1000 }, () => ({ type: "t" }));
    for (let i = 0; i < 20; i++) await client.enqueueMany(items);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await server.start();
    await server.drain();
    clearInterval(timer);
    assert(ticks > 0, "no timer fired before the last job");
  });
}

Deno.test("two servers share the jobs of one store, each job run once", strict, async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  const runs = new Map<string, number>();
  const make = (): Server =>
    new Server({ store, logLevel: "silent" }).handle("t", async ({ job }) => {
      runs.set(job.id, (runs.get(job.id) ?? 0) + 1);
      await undefined;
    }, { concurrency: 5 });
  await using one = make();
  await using two = make();
  await Promise.all([one.start(), two.start()]);
  const handles = await Promise.all(Array.from({ length: 2000 }, () => client.enqueue("t")));
  await Promise.all(handles.map((handle) => handle.result()));
  assertEquals(runs.size, 2000);
  assertEquals([...runs.values()].every((n) => n === 1), true);
});

Deno.test(
  "timers have their turn between synchronous handlers that each take a while",
  strict,
  async () => {
    const store = memoryStore();
    await using client = new Client({ store });
    await using server = new Server({ store, logLevel: "silent" });
    // Each is harmless; all that one claim brings, in one go, would outlast a short lease.
    server.handle("t", () => {
      for (const end = performance.now() + 15; performance.now() < end;);
    }, { concurrency: 50 });
    await client.enqueueMany(Array.from({ length: 50 }, () => ({ type: "t" })));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await server.start();
    await server.drain();
    clearInterval(timer);
    assert(ticks > 2, `timers had ${ticks} turns while 50 handlers took 15 ms each`);
  },
);
