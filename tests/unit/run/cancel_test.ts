import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { JobFailedError } from "../../../src/enqueue/handle.ts";
import type { JobContext } from "../../../src/run/context.ts";
import { JobCanceledError, LeaseLostError } from "../../../src/run/errors.ts";
import type { AttemptEnd } from "../../../src/run/handler.ts";
import { gate, never, untilAborted, World } from "../../support/world.ts";

const leaseMs = 30_000;
const LEFT_ALONE = "Handler did not stop and was left alone";

/** A server with one slot whose handler of `t` is this one; its job runs. */
async function running(
  world: World,
  handler: (context: JobContext) => unknown,
  options: object = {},
): Promise<string> {
  const server = world.server({ leaseMs });
  server.handle("t", handler, { concurrency: 1, ...options });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  assertEquals((await world.record(id)).status, "processing");
  return id;
}

Deno.test("a running handler's signal aborts when its job is canceled, and tells why", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const id = await running(world, (context) => {
    context.signal.addEventListener("abort", () => seen.push(context.signal.reason));
    return untilAborted(context);
  });
  assertEquals(await world.client.control.cancel(id, { reason: "not needed" }), true);
  await world.flush();
  const [reason] = seen;
  assertInstanceOf(reason, JobCanceledError);
  assertEquals([reason.name, reason.code, reason.reason], [
    "JobCanceledError",
    "JOB_CANCELED",
    "not needed",
  ]);
  assertEquals(
    reason.message,
    `Cannot finish job as it must not have been canceled: '${id}', not needed`,
  );
  assertEquals(world.clock.mono(), 0, "at once, not with the next heartbeat");
  const job = await world.client.getJob(id);
  assertEquals([job?.status, job?.error, job?.attempt], ["canceled", "not needed", 1]);
  assertEquals(job?.attempts.map(({ outcome, error }) => [outcome, error?.message]), [
    ["canceled", "not needed"],
  ]);
  const lines = world.logger.saying("Job was canceled while it ran");
  assertEquals(lines.map(({ level, fields }) => [level, fields.id, fields.reason]), [
    ["info", id, "not needed"],
  ]);
});

Deno.test("who waits for the result is told at once, though the handler goes on", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const id = await running(world, () => opened);
  const handle = await world.client.enqueue("t", null, { id, onConflict: "existing" });
  const wait = assertRejects(() => handle.result(), JobFailedError, "ended as canceled: why");
  await world.client.control.cancel(id, { reason: "why" });
  await wait;
  open();
});

for (
  const [what, end] of [["returns", () => "late"], [
    "throws",
    () => Promise.reject("late"),
  ]] as const
) {
  Deno.test(`what a handler of a canceled job ${what} is dropped, and its slot is taken till then`, async () => {
    await using world = new World();
    const { opened, open } = gate();
    let runs = 0;
    const id = await running(world, async () => {
      if (++runs > 1) return;
      await opened;
      return await end();
    });
    const next = await world.client.enqueue("t");
    await world.client.control.cancel(id);
    await world.flush();
    assertEquals([runs, (await next.job())?.status], [1, "ready"], "the slot is still taken");
    const settled = world.store.calls("settle").length;
    open();
    await next.result();
    assertEquals(runs, 2);
    const record = await world.record(id);
    assertEquals([record.status, record.result, record.error], ["canceled", null, "canceled"]);
    const outcomes = world.store.calls("settle").slice(settled)
      .flatMap(([{ outcomes }]) => outcomes.map((outcome) => outcome.id));
    assertEquals(outcomes.includes(id), false, "its end is not sent again");
    assertEquals(world.logger.saying(LEFT_ALONE), []);
  });
}

Deno.test("a handler that does not stop within graceMs is left alone, and its slot is free", async () => {
  await using world = new World();
  let runs = 0;
  const id = await running(world, () => ++runs === 1 ? never() : "ran", { graceMs: 500 });
  const next = await world.client.enqueue("t");
  await world.client.control.cancel(id);
  await world.flush();
  await world.clock.advance(499);
  assertEquals([runs, world.logger.saying(LEFT_ALONE).length], [1, 0]);
  await world.clock.advance(1);
  assertEquals(await next.result(), "ran");
  const lines = world.logger.saying(LEFT_ALONE);
  assertEquals(lines.map(({ level, fields }) => [level, fields.id, fields.abandoned]), [
    ["warn", id, 1],
  ]);
});

Deno.test("a handler that was left alone may still end, and changes nothing", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const contexts: JobContext[] = [];
  const id = await running(world, (context) => {
    contexts.push(context);
    return opened;
  }, { graceMs: 10 });
  await world.client.control.cancel(id);
  await world.flush();
  await world.clock.advance(10);
  await assertRejects(() => contexts[0]!.progress(1), LeaseLostError);
  await assertRejects(() => contexts[0]!.log("line"), LeaseLostError);
  open();
  await world.flush();
  const record = await world.record(id);
  assertEquals([record.status, record.logs, record.progress], ["canceled", [], null]);
  assertEquals(world.logger.saying("Job was canceled while it ran").length, 1);
});

Deno.test("graceMs counts from the cancel, also for a handler that is over its time limit", async () => {
  await using world = new World();
  const id = await running(world, () => never(), { timeoutMs: 100, graceMs: 50 });
  await world.clock.advance(120);
  await world.client.control.cancel(id);
  await world.flush();
  await world.clock.advance(50);
  assertEquals(world.logger.saying(LEFT_ALONE).length, 1);
  await world.clock.advance(1000);
  assertEquals(world.logger.saying(LEFT_ALONE).length, 1);
  assertEquals((await world.record(id)).status, "canceled");
});

Deno.test("a time limit that comes after the cancel changes nothing", async () => {
  await using world = new World();
  let reason: unknown;
  const id = await running(world, async ({ signal }) => {
    await untilAborted({ signal }).catch(() => {});
    reason = signal.reason;
    await never();
  }, { timeoutMs: 100, graceMs: 500 });
  await world.client.control.cancel(id);
  await world.flush();
  await world.clock.advance(400);
  assertInstanceOf(reason, JobCanceledError);
  assertEquals(world.logger.saying(LEFT_ALONE), []);
  await world.clock.advance(100);
  assertEquals(world.logger.saying(LEFT_ALONE).length, 1);
});

Deno.test("onFailure and onComplete are called with the status canceled, once", async () => {
  await using world = new World();
  const ends: [string, AttemptEnd][] = [];
  const note = (name: string) => (end: AttemptEnd): void => void ends.push([name, end]);
  const id = await running(world, untilAborted, {
    onSuccess: note("success"),
    onFailure: note("failure"),
    onComplete: note("complete"),
  });
  await world.client.control.cancel(id, { reason: "why" });
  await world.flush();
  await world.clock.advance(leaseMs);
  assertEquals(ends.map(([name, { status, job, result }]) => [name, status, job.id, result]), [
    ["failure", "canceled", id, undefined],
    ["complete", "canceled", id, undefined],
  ]);
  for (const [, { error }] of ends) assertInstanceOf(error, JobCanceledError);
});

Deno.test("a job that was canceled may be retried, and runs anew beside its old handler", async () => {
  await using world = new World();
  let runs = 0;
  const { opened, open } = gate();
  const server = world.server({ leaseMs }).handle("t", async () => {
    if (++runs > 1) return "second";
    await opened;
    return "first";
  }, { concurrency: 2 });
  await server.start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  await world.client.control.cancel(handle.id);
  await world.client.control.retry(handle.id);
  assertEquals(await handle.result(), "second");
  open();
  await world.flush();
  assertEquals((await handle.job())?.result, "second");
  assertEquals([runs, (await handle.job())?.attempt], [2, 2]);
});

Deno.test("another server's job is canceled there, and no other handler is disturbed", async () => {
  await using world = new World();
  const aborted: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    await world.server({ leaseMs }).handle("t", (context) => {
      context.signal.addEventListener("abort", () => aborted.push(context.job.id));
      return untilAborted(context);
    }, { concurrency: 2 }).start();
  }
  const handles = await world.client.enqueueMany([1, 2, 3, 4].map((payload) => ({
    type: "t",
    payload,
  })));
  await world.flush();
  await world.client.control.cancel(handles[2]!.id);
  await world.flush();
  assertEquals(aborted, [handles[2]!.id]);
});
