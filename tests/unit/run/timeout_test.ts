import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { JobTimeoutError, LeaseLostError } from "../../../src/run/errors.ts";
import type { JobContext } from "../../../src/run/context.ts";
import { SkipRetry } from "../../../src/settle/outcome.ts";
import { gate, never, untilAborted, World } from "../../support/world.ts";

const limits = { timeoutMs: 1000, graceMs: 300, maxRetry: 0 };

Deno.test("a handler's signal aborts with JobTimeoutError at its limit, not before", async () => {
  await using world = new World();
  let context: JobContext | undefined;
  const server = world.server(limits).handle("t", (given) => {
    context = given;
    return untilAborted(given);
  });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(999);
  assertEquals(context?.signal.aborted, false);
  await world.clock.advance(1);
  assertEquals(context?.signal.aborted, true);
  const reason: unknown = context?.signal.reason;
  assertInstanceOf(reason, JobTimeoutError);
  assertEquals([reason.name, reason.code, reason.timeoutMs], [
    "JobTimeoutError",
    "JOB_TIMEOUT",
    1000,
  ]);
  await world.flush();
  const record = await world.record(id);
  assertEquals([record.status, record.error], ["dead_letter", "Timeout of 1000 ms exceeded"]);
});

Deno.test("a handler that returns within grace has completed", async () => {
  await using world = new World();
  const { opened, open } = gate();
  await world.server(limits).handle("t", () => opened.then(() => "late")).start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(1299);
  assertEquals((await world.record(handle.id)).status, "processing");
  open();
  assertEquals(await handle.result(), "late");
});

const endings: readonly [string, unknown, string, string][] = [
  [
    "an error",
    new Error("cleaned up"),
    "retry",
    "Timeout of 1000 ms exceeded, handler stopped: cleaned up",
  ],
  [
    "SkipRetry",
    new SkipRetry("useless"),
    "dead_letter",
    "Timeout of 1000 ms exceeded, handler stopped: useless",
  ],
];

for (const [what, thrown, status, message] of endings) {
  Deno.test(`a handler that throws ${what} within grace ends as ${status}`, async () => {
    await using world = new World();
    const server = world.server({ ...limits, maxRetry: 1 });
    server.handle("t", (context) =>
      untilAborted(context).catch(() => {
        throw thrown;
      }));
    await server.start();
    const { id } = await world.client.enqueue("t");
    await world.flush();
    await world.clock.advance(1000);
    await world.flush();
    const record = await world.record(id);
    assertEquals([record.status, record.error], [status, message]);
  });
}

Deno.test("isFailure is asked about an error within grace, not about an abandoned handler", async () => {
  await using world = new World();
  const server = world.server({ ...limits, maxRetry: 5 });
  const options = { isFailure: () => false };
  server.handle("stops", untilAborted, options).handle("hangs", never, options);
  await server.start();
  const stops = await world.client.enqueue("stops");
  const hangs = await world.client.enqueue("hangs");
  await world.flush();
  await world.clock.advance(1300);
  await world.flush();
  const counts = await world.store.getJobs([stops.id, hangs.id]);
  assertEquals(counts.map((record) => [record?.status, record?.retryCount]), [
    ["retry", 0],
    ["retry", 1],
  ]);
});

Deno.test("a handler that does not stop is left alone after grace, and its slot is free", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const contexts: JobContext[] = [];
  const server = world.server(limits);
  server.pool({ name: "one", types: ["hangs", "next"], concurrency: 1 });
  server.handle("hangs", async (context) => {
    contexts.push(context);
    await opened;
    return "far too late";
  }).handle("next", () => "ran");
  await server.start();
  const hanging = await world.client.enqueue("hangs");
  const next = await world.client.enqueue("next");
  await world.flush();
  await world.clock.advance(1299);
  await world.flush();
  assertEquals((await world.record(next.id)).status, "ready", "the slot is held through grace");
  await world.clock.advance(1);
  assertEquals(await next.result(), "ran");
  const record = await world.record(hanging.id);
  assertEquals([record.status, record.error], [
    "dead_letter",
    "Timeout of 1000 ms exceeded, handler abandoned",
  ]);
  assertEquals(world.logger.saying("Handler did not stop and was left alone").length, 1);

  await assertRejects(() => contexts[0]!.progress(1), LeaseLostError);
  await assertRejects(() => contexts[0]!.log("late"), LeaseLostError);
  open();
  await world.flush();
  const after = await world.record(hanging.id);
  assertEquals([after.status, after.result, after.logs.length], ["dead_letter", null, 0]);
});

Deno.test("an abandoned handler that ends is no crash and says nothing of its result", async () => {
  await using world = new World();
  const throws = gate();
  const returns = gate();
  const server = world.server({ ...limits, timeoutMs: 10, graceMs: 0 });
  server
    .handle("throws", () => throws.opened.then(() => Promise.reject(new Error("late"))))
    .handle("returns", () => returns.opened.then(() => "x".repeat(2 ** 21)));
  await server.start();
  await world.client.enqueue("throws");
  await world.client.enqueue("returns");
  await world.flush();
  await world.clock.advance(10);
  await world.flush();
  throws.open();
  returns.open();
  await world.flush();
  assertEquals(world.logger.saying("Job completed, its result cannot be kept"), []);
});

Deno.test("an abandoned job runs again under a higher fence", async () => {
  await using world = new World();
  const fences: number[] = [];
  const server = world.server({ ...limits, maxRetry: 1, backoff: { type: "fixed", baseMs: 0 } });
  server.handle("t", ({ fence, job }) => {
    fences.push(fence);
    return job.attempt === 1 ? never() : "second";
  });
  await server.start();
  const handle = await world.client.enqueue("t");
  assertEquals(await world.drive(handle.result(), 100), "second");
  assertEquals(fences.length === 2 && fences[1]! > fences[0]!, true, `${fences}`);
});

Deno.test("a job's timeout longer than all others is not cut short by them", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server({ timeoutMs: 50, graceMs: 0 });
  server.pool({ name: "p", types: ["t"], timeoutMs: 60 });
  server.handle("t", () => opened.then(() => "done"), { timeoutMs: 70 });
  await server.start();
  const handle = await world.client.enqueue("t", null, { timeoutMs: 600_000 });
  await world.flush();
  await world.clock.advance(599_999);
  open();
  assertEquals(await handle.result(), "done");
});

Deno.test("a synchronous handler is not timed out, however long it took", async () => {
  await using world = new World();
  const server = world.server({ timeoutMs: 1, graceMs: 0, maxRetry: 0 });
  server.handle("t", () => "done");
  await server.start();
  assertEquals(await (await world.client.enqueue("t")).result(), "done");
});

Deno.test("the timeout of one attempt says nothing about the next", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server({ ...limits, maxRetry: 1, backoff: { type: "fixed", baseMs: 500 } });
  server.handle(
    "t",
    (context) =>
      context.job.attempt === 1 ? untilAborted(context) : opened.then(() => context.signal.aborted),
  );
  await server.start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(1000);
  await world.flush();
  await world.clock.advance(500);
  await world.flush();
  await world.clock.advance(999);
  open();
  assertEquals(await handle.result(), false);
});
