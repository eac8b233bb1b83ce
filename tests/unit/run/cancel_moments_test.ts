import { assertEquals, assertInstanceOf } from "@std/assert";
import { checkedJob, defineJobs } from "../../../src/job/registry.ts";
import { JobCanceledError, ShutdownError } from "../../../src/run/errors.ts";
import { schema } from "../../support/schema.ts";
import { gate, never, untilAborted, World } from "../../support/world.ts";

const leaseMs = 30_000;

Deno.test("a job that is canceled while it waits in a claimed batch never starts", async () => {
  await using world = new World();
  const { clock, store, client } = world;
  const started: unknown[] = [];
  const ended: string[] = [];
  const [first, second] = await client.enqueueMany([{ type: "t" }, { type: "t" }]);
  // The first handler blocks the thread for longer than the pool holds it: the event loop has a
  // turn before the second starts, in which the cancel arrives.
  await world.server({ leaseMs }).handle("t", ({ job }) => {
    started.push(job.id);
    if (job.id !== first.id) return;
    client.control.cancel(second.id);
    clock.advance(20);
  }, { concurrency: 2, onFailure: ({ job }) => ended.push(job.id) }).start();
  await world.until(async () => (await world.record(first.id)).status === "completed", "the end");
  await world.flush();
  assertEquals(store.calls("claim").some(([{ limit }]) => limit === 2), true);
  assertEquals([started, (await world.record(second.id)).status], [[first.id], "canceled"]);
  assertEquals(ended, [], "callbacks are for what has begun");
});

Deno.test("a job that is canceled while its claim is on its way stops with the next heartbeat", async () => {
  await using world = new World();
  const { opened, open } = gate();
  let reason: unknown;
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    if (reply.jobs.length > 0) await opened;
    return reply;
  });
  await world.server({ leaseMs }).handle("t", (context) => {
    return untilAborted(context).catch((why) => reason = why);
  }).start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  await world.client.control.cancel(id);
  await world.flush();
  open();
  await world.flush();
  await world.clock.advance(leaseMs / 3);
  await world.flush();
  assertInstanceOf(reason, JobCanceledError);
});

Deno.test("a handler does not start when its job is canceled while the schema checks its payload", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const slow = schema<number>(async (value) => {
    await opened;
    return { value };
  });
  const jobs = defineJobs({ t: checkedJob(slow) });
  let runs = 0;
  await world.server({ jobs, leaseMs }).handle("t", () => ++runs, { concurrency: 1 }).start();
  const { id } = await world.client.enqueue("t", 1);
  await world.until(async () => (await world.record(id)).status === "processing", "the claim");
  await world.client.control.cancel(id);
  await world.flush();
  open();
  await world.flush();
  assertEquals([runs, (await world.record(id)).status], [0, "canceled"]);
  const next = await world.client.enqueue("t", 2);
  await next.result();
  assertEquals(runs, 1, "the slot is free");
});

for (const order of ["before", "after"]) {
  Deno.test(`a canceled job whose handler hangs does not keep a server from stopping, canceled ${order} the stop`, async () => {
    await using world = new World();
    let reason: unknown;
    const server = world.server({ leaseMs, shutdownTimeoutMs: 1000, graceMs: 500 });
    await server.handle("t", async (context) => {
      await untilAborted(context).catch((why) => reason = why);
      await never();
    }, { graceMs: 60_000 }).start();
    const { id } = await world.client.enqueue("t");
    await world.flush();
    if (order === "before") await world.client.control.cancel(id);
    await world.flush();
    const stopping = server.stop();
    await world.flush();
    if (order === "after") {
      await world.clock.advance(1100);
      await world.client.control.cancel(id);
    }
    await world.drive(stopping, 100);
    const expected: new (...args: never[]) => Error = order === "before"
      ? JobCanceledError
      : ShutdownError;
    assertEquals(reason instanceof expected, true, `${reason}`);
    const record = await world.record(id);
    assertEquals([record.status, record.error], ["canceled", "canceled"], "not given back");
    const outcomes = world.store.calls("settle").flatMap(([{ outcomes }]) => outcomes);
    const released = outcomes.filter(({ verdict }) => verdict.kind === "release");
    assertEquals(released, [], "there is nothing to give back");
  });
}

Deno.test("stop waits for the handler of a canceled job, and for its callbacks", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const called: string[] = [];
  const server = world.server({ leaseMs });
  await server.handle("t", () => opened, { onFailure: () => called.push("failure") }).start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  await world.client.control.cancel(id);
  await world.flush();
  let stopped = false;
  const stopping = server.stop().then(() => stopped = true);
  await world.flush();
  assertEquals([stopped, called], [false, []]);
  open();
  await stopping;
  assertEquals(called, ["failure"]);
});

Deno.test("drain waits for the handler of a canceled job", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server({ leaseMs }).handle("t", () => opened);
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  await world.client.control.cancel(id);
  await world.flush();
  let drained = false;
  const draining = server.drain().then(() => drained = true);
  await world.flush();
  assertEquals(drained, false);
  open();
  await draining;
});

Deno.test("a cancel that comes while the settle is on its way ends the job once, one way or the other", async () => {
  for (const settleFirst of [true, false]) {
    await using world = new World();
    const { opened, open } = gate();
    const called: string[] = [];
    world.store.on("settle", async ({ run }) => {
      if (!settleFirst) await opened;
      const reply = await run();
      if (settleFirst) await opened;
      return reply;
    });
    await world.server({ leaseMs }).handle("t", () => "done", {
      onSuccess: ({ status }) => called.push(status),
      onFailure: ({ status }) => called.push(status),
      onComplete: ({ status }) => called.push(status),
    }).start();
    const { id } = await world.client.enqueue("t");
    await world.flush();
    const cancel = world.client.control.cancel(id).catch((error) => error.code);
    assertEquals(await cancel, settleFirst ? "JOB_REFUSED" : true);
    await world.flush();
    open();
    await world.flush();
    const { status, result } = await world.record(id);
    assertEquals([status, result], settleFirst ? ["completed", '"done"'] : ["canceled", null]);
    assertEquals(called, settleFirst ? ["completed", "completed"] : []);
    const lines = world.logger.saying("Job was canceled while it ran");
    assertEquals(lines.length, 0, "it did not run any more");
  }
});

Deno.test("a job that its cancel removes at once stops its handler, too", async () => {
  await using world = new World();
  let stopped = false;
  await world.server({ leaseMs }).handle("t", async (context) => {
    await untilAborted(context).catch(() => stopped = true);
  }).start();
  const { id } = await world.client.enqueue("t", null, { retention: { failedMs: 0 } });
  await world.flush();
  assertEquals(await world.client.control.cancel(id), true);
  await world.flush();
  assertEquals([stopped, (await world.store.getJobs([id]))[0]], [true, null]);
});
