import { assert, assertEquals, assertRejects } from "@std/assert";
import { Cancel, defineJobs, job, RetryAfter, SkipRetry } from "../../../mod.ts";
import type { EnqueueOptions } from "../../../src/enqueue/options.ts";
import { runHandler } from "../../../src/testing/run_handler.ts";
import { TestQueue } from "../../../src/testing/test_queue.ts";
import { never } from "../../support/world.ts";

const jobs = defineJobs({
  "email.send": job<{ to: string; subject?: string }, string>(),
  "count": job<number, number>(),
});

Deno.test("TestQueue.drain runs what is due, and what that enqueues", async () => {
  await using queue = new TestQueue({ jobs });
  const ran: number[] = [];
  queue.server.handle("count", async ({ job }) => {
    ran.push(job.payload);
    if (job.payload > 0) await queue.client.enqueue("count", job.payload - 1);
    return job.payload;
  });
  const handle = await queue.client.enqueue("count", 3);
  assertEquals(ran, []);
  await queue.drain();
  assertEquals(ran, [3, 2, 1, 0]);
  assertEquals(await handle.result(), 3);
});

Deno.test("TestQueue.advance runs delayed jobs and retries at their time", async () => {
  await using queue = new TestQueue();
  const at: number[] = [];
  const begin = queue.clock.now();
  queue.server.handle("flaky", () => {
    at.push(queue.clock.now() - begin);
    if (at.length < 3) throw new RetryAfter(1000);
  });
  await queue.client.enqueue("flaky", null, { delayMs: 500 });
  await queue.drain();
  assertEquals(at, []);
  await queue.advance(500);
  assertEquals(at, [500]);
  await queue.advance(3000);
  assertEquals(at, [500, 1500, 2500]);
});

Deno.test("TestQueue.assertEnqueued finds a job by type, payload, queue and time", async () => {
  await using queue = new TestQueue({ jobs });
  const runAt = queue.clock.now() + 1000;
  await queue.client.enqueue("email.send", { to: "ada", subject: "Hi" }, { queue: "mail", runAt });
  const found = await queue.assertEnqueued("email.send", {
    payload: { to: "ada" },
    queue: "mail",
    priority: 0,
    runAt,
  });
  assertEquals(found.payload.subject, "Hi");
  await queue.assertNotEnqueued("count");
  await queue.assertNotEnqueued("email.send", { payload: { to: "bob" } });
  const error = await assertRejects(
    () => queue.assertEnqueued("email.send", { payload: { to: "bob" } }),
    Error,
  );
  assert(error.message.includes("there are 1: scheduled in 'mail'"), error.message);
  await assertRejects(() => queue.assertEnqueued("count"), Error, "there is none of this type");
  await assertRejects(() => queue.assertNotEnqueued("email.send"), Error, "Cannot go on");
});

Deno.test("TestQueue.assertEnqueued compares a payload that is no object whole", async () => {
  await using queue = new TestQueue({ jobs });
  await queue.client.enqueue("count", 5);
  await queue.assertEnqueued("count", { payload: 5 });
  await queue.assertNotEnqueued("count", { payload: 6 });
});

Deno.test("TestQueue.fail lets calls of the store fail, before or after they took effect", async () => {
  await using queue = new TestQueue();
  queue.fail("enqueue", { times: 2 });
  for (let i = 0; i < 2; i++) {
    await assertRejects(() => queue.client.enqueue("t", 1), Error, "'enqueue' was made to fail");
  }
  await queue.assertNotEnqueued("t");
  queue.fail("enqueue", { when: "after", error: new TypeError("reply lost") });
  await assertRejects(() => queue.client.enqueue("t", 1, { id: "a" }), TypeError, "reply lost");
  await queue.assertEnqueued("t");
});

Deno.test("a TestQueue ends though a handler does not", async () => {
  const queue = new TestQueue();
  queue.server.handle("stuck", never, { concurrency: 1 });
  await queue.client.enqueue("stuck", 1);
  const draining = queue.drain();
  await queue.clock.advance(0);
  await queue[Symbol.asyncDispose]();
  await draining;
});

Deno.test("runHandler gives result, logs and progress", async () => {
  const run = await runHandler(async ({ job, log, progress }) => {
    await log(`got ${job.payload}`);
    await progress(0.5, "half");
    return { doubled: job.payload * 2 };
  }, 4);
  assertEquals([run.status, run.result, run.error], ["completed", { doubled: 8 }, undefined]);
  assertEquals(run.logs.map(({ text }) => text), ["got 4"]);
  assertEquals([run.progress?.value, run.progress?.message], [0.5, "half"]);
});

const thrown: readonly [unknown, string, number | undefined][] = [
  [new Error("once more"), "retry", undefined],
  [new RetryAfter(1234), "retry", 1234],
  [new SkipRetry("no use"), "dead_letter", undefined],
  [new Cancel("not wanted"), "canceled", undefined],
];

for (const [error, status, retryInMs] of thrown) {
  Deno.test(`runHandler gives ${error} as it was thrown, and the job's status '${status}'`, async () => {
    const run = await runHandler(() => {
      throw error;
    }, {});
    assertEquals(run.status, status);
    assert(run.error === error, "the very same object");
    if (retryInMs !== undefined) assertEquals(run.retryInMs, retryInMs);
  });
}

const notKept: readonly [string, EnqueueOptions, Error | undefined, unknown][] = [
  ["completed", { retention: { completedMs: 0 } }, undefined, 7],
  ["dead_letter", { deadLetter: false }, new SkipRetry("gone"), undefined],
  ["canceled", { retention: { failedMs: 0 } }, new Cancel("not wanted"), undefined],
];

for (const [status, job, error, result] of notKept) {
  Deno.test(`runHandler of a job that is not kept tells of its end: ${status}`, async () => {
    const run = await runHandler(
      async ({ log }) => {
        await log("at work");
        if (error !== undefined) throw error;
        return 7;
      },
      {},
      { job },
    );
    assertEquals([run.status, run.result], [status, result]);
    assert(run.error === error, "the very same object");
    assertEquals(run.logs.map(({ text }) => text), ["at work"]);
  });
}

Deno.test("TestQueue.advance waits for no timer of the runtime when nothing runs", async () => {
  await using queue = new TestQueue();
  const slots: number[] = [];
  queue.server.handle("report", ({ job }) => void slots.push(job.schedule!.slotAt));
  queue.server.schedule("hourly", { type: "report", cron: "@hourly" });
  await queue.drain();
  const begin = queue.clock.now();
  const { setTimeout } = globalThis;
  let timers = 0;
  globalThis.setTimeout = ((...args: Parameters<typeof setTimeout>) => {
    timers++;
    return setTimeout(...args);
  }) as typeof setTimeout;
  try {
    await queue.advance(3 * 3_600_000);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assertEquals(slots.map((at) => (at - begin) / 3_600_000), [1, 2, 3]);
  // The server looks after its store more than 10 000 times meanwhile.
  assert(timers < 100, `${timers}`);
});

Deno.test("TestQueue.advance gives handlers time when they wait for more than promises", async () => {
  await using queue = new TestQueue();
  queue.server.handle("slow", async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  }, { timeoutMs: 600_000 });
  const { id } = await queue.client.enqueue("slow", null, { delayMs: 1000 });
  await queue.advance(600_000);
  assertEquals((await queue.client.getJob(id))?.attempts.map(({ outcome }) => outcome), [
    "completed",
  ]);
});
