import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { ServerStateError } from "../../../src/run/errors.ts";
import { gate, untilAborted, World } from "../../support/world.ts";

/** Whether a promise has settled, after everything that waits for nothing has run. */
function watch(promise: Promise<unknown>): { readonly done: boolean } {
  const watched = { done: false };
  promise.then(() => watched.done = true, () => watched.done = true);
  return watched;
}

Deno.test("drain resolves when every job there is has run", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const server = world.server();
  server.handle("t", async ({ job }) => {
    await undefined;
    seen.push(job.payload);
  }, { concurrency: 3 });
  for (let i = 0; i < 100; i++) await world.client.enqueue("t", i);
  await server.start();
  await server.drain();
  assertEquals(seen.length, 100);
  assertEquals((await world.store.counts()).map(({ status }) => status), ["completed"]);
});

Deno.test("drain resolves when there is nothing to do, with and without pools", async () => {
  await using world = new World();
  const busy = world.server().handle("t", () => 1);
  await busy.start();
  await busy.drain();
  const idle = world.server();
  await idle.start();
  await idle.drain();
});

Deno.test("drain waits for running handlers and for their callbacks", async () => {
  await using world = new World();
  const handler = gate();
  const callback = gate();
  const server = world.server();
  server.handle("t", () => handler.opened, { onSuccess: () => callback.opened });
  await server.start();
  await world.client.enqueue("t");
  const drained = watch(server.drain());
  await world.flush();
  assertEquals(drained.done, false, "the handler runs");
  handler.open();
  await world.flush();
  assertEquals(drained.done, false, "the callback runs");
  callback.open();
  await world.flush();
  assertEquals(drained.done, true);
});

Deno.test("drain runs jobs that handlers enqueue, in every pool", async () => {
  await using world = new World();
  const seen: number[] = [];
  const server = world.server();
  server.handle("a", async ({ job }) => {
    const n = job.payload as number;
    seen.push(n);
    if (n < 10) await world.client.enqueue("b", n + 1);
  }, { concurrency: 1 });
  server.handle("b", async ({ job }) => {
    const n = job.payload as number;
    seen.push(n);
    if (n < 10) await world.client.enqueue("a", n + 1);
  }, { concurrency: 1 });
  await server.start();
  await world.client.enqueue("a", 1);
  await server.drain();
  assertEquals(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

Deno.test("drain does not wait for delayed jobs and retries", async () => {
  await using world = new World();
  const server = world.server().handle("t", () => Promise.reject(new Error("x")));
  await server.start();
  await world.client.enqueue("t", null, { delayMs: 1000 });
  await world.client.enqueue("t");
  await server.drain();
  assertEquals((await world.store.counts()).map(({ status }) => status).toSorted(), [
    "retry",
    "scheduled",
  ]);
});

Deno.test("drain does not resolve while a claim of another pool is under way", async () => {
  await using world = new World();
  const a = gate();
  const b = gate();
  let ran = false;
  const server = world.server();
  server.pool({ name: "a", types: ["a"] }).handle("a", () => void (ran = true));
  server.pool({ name: "b", types: ["b"] }).handle("b", () => b.opened);
  await server.start();
  await world.client.enqueue("b");
  await world.flush();
  const drained = watch(server.drain());
  await world.flush();
  // Pool a has found nothing. Now work comes, its claim is slow, and b ends meanwhile.
  world.store.on("claim", async ({ args: [{ pool }], run }) => {
    if (pool === "a") await a.opened;
    return await run();
  });
  await world.client.enqueue("a");
  await world.flush();
  b.open();
  await world.flush();
  assertEquals([drained.done, ran], [false, false], "a job is about to run");
  a.open();
  await world.flush();
  assertEquals([drained.done, ran], [true, true]);
});

Deno.test("drain does not resolve while a settle of another pool is under way", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server();
  server.pool({ name: "a", types: ["a"] }).handle("a", () => 1);
  server.pool({ name: "b", types: ["b"] }).handle("b", () => 1);
  await server.start();
  await server.drain();
  world.store.on("settle", ({ run }) => opened.then(run));
  await world.client.enqueue("a");
  const drained = watch(server.drain());
  await world.flush();
  assertEquals(drained.done, false, "the job is still processing in the store");
  open();
  await world.flush();
  assertEquals(drained.done, true);
});

Deno.test("drain rejects with the signal's reason when it aborts first", async () => {
  await using world = new World();
  const server = world.server().handle("t", untilAborted);
  await server.start();
  await world.client.enqueue("t");
  const controller = new AbortController();
  const drained = assertRejects(
    () => server.drain({ signal: controller.signal }),
    RangeError,
    "enough",
  );
  await world.flush();
  controller.abort(new RangeError("enough"));
  await drained;
  const aborted = AbortSignal.abort(new TypeError("before"));
  await assertRejects(() => server.drain({ signal: aborted }), TypeError, "before");
});

Deno.test("drain rejects when its signal aborts while a callback hangs", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server().handle("t", () => 1, { onSuccess: () => opened });
  await server.start();
  await (await world.client.enqueue("t")).result();
  await world.flush();
  const controller = new AbortController();
  const drained = watch(server.drain({ signal: controller.signal }));
  await world.flush();
  controller.abort(new RangeError("enough"));
  await world.flush();
  const { done } = drained;
  open();
  assertEquals(done, true);
});

Deno.test("drain can be called many times at once, and again", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server().handle("t", () => opened);
  await server.start();
  await world.client.enqueue("t");
  const drains = [1, 2, 3].map(() => watch(server.drain()));
  await world.flush();
  open();
  await world.flush();
  assertEquals(drains.map(({ done }) => done), [true, true, true]);
  await server.drain();
});

Deno.test("drain resolves when the server stops under it", async () => {
  await using world = new World();
  const server = world.server().handle("t", untilAborted);
  await server.start();
  await world.client.enqueue("t");
  await world.flush();
  const drained = watch(server.drain());
  await world.drive(server.stop({ shutdownTimeoutMs: 10, graceMs: 10 }));
  await world.flush();
  assertEquals(drained.done, true);
});

Deno.test("drain waits for a store that is away and comes back", async () => {
  await using world = new World();
  let ran = 0;
  const server = world.server().handle("t", () => ran++);
  await server.start();
  await world.flush();
  world.store.on("claim", () => Promise.reject(new Error("away")));
  await world.client.enqueue("t");
  await world.flush();
  const drained = watch(server.drain());
  await world.clock.advance(1000);
  assertEquals(drained.done, false);
  world.store.on("claim", undefined);
  await world.clock.advance(5000);
  assertEquals([drained.done, ran], [true, 1]);
});

Deno.test("drain throws ServerStateError when the server is not running", async () => {
  await using world = new World();
  const server = world.server();
  const early = await assertRejects(() => server.drain());
  assertInstanceOf(early, ServerStateError);
  assertEquals(early.code, "SERVER_STATE");
  await server.start();
  await world.drive(server.stop());
  await assertRejects(() => server.drain(), ServerStateError, "current state is stopped");
});
