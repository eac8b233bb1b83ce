import { assertEquals, assertRejects } from "@std/assert";
import { InvalidOptionError } from "../../../src/errors.ts";
import type { JobContext } from "../../../src/run/context.ts";
import { LeaseLostError } from "../../../src/run/errors.ts";
import { failBefore, StoreDownError } from "../../support/decorated_store.ts";
import { gate, never, World } from "../../support/world.ts";

/** Runs one handler to its end and reads the job. */
async function run(
  handler: (context: JobContext) => unknown,
  prepare: (world: World) => void = () => {},
) {
  await using world = new World();
  prepare(world);
  await world.server({ maxRetry: 0 }).handle("t", handler).start();
  const { id } = await world.client.enqueue("t");
  await world.until(async () => (await world.record(id)).finishedAt !== null, "the end");
  return { record: await world.record(id), reports: world.store.calls("report") };
}

Deno.test("progress stays on the job, the last value with its message and time", async () => {
  const { record } = await run(async ({ progress }) => {
    await progress(0.25, "quarter");
    await progress(0.5);
    await progress(0.75, "nearly");
  });
  assertEquals({ ...record.progress }, {
    value: 0.75,
    message: "nearly",
    at: record.createdAt,
  });
});

Deno.test("log adds lines in their order, cut to 2000 characters, the newest 100 kept", async () => {
  const { record } = await run(async ({ log }) => {
    for (let i = 0; i < 150; i++) await log(`line ${i}`);
    await log("x".repeat(5000));
  });
  assertEquals([record.logs.length, record.logs[0]?.text], [100, "line 51"]);
  assertEquals(record.logs.at(-1)?.text.length, 2000);
});

Deno.test("progress and log that nobody waits for arrive before the end, in one or two calls", async () => {
  for (const later of [false, true]) {
    const { record, reports } = await run(({ progress, log }) => {
      for (let i = 0; i < 50; i++) log(`line ${i}`);
      progress(1, "all");
      return later ? Promise.resolve("done") : "done";
    });
    assertEquals(record.status, "completed");
    assertEquals([record.logs.length, record.progress?.value], [50, 1]);
    assertEquals(reports.length <= 2, true, `${reports.length} calls`);
  }
});

Deno.test("what is told while a report is under way arrives too", async () => {
  const { opened, open } = gate();
  const { record } = await run(
    async ({ log }) => {
      log("first");
      await Promise.resolve();
      await Promise.resolve();
      log("second, which nobody waits for");
      setTimeout(open, 0);
    },
    (world) => world.store.on("report", ({ n, run: pass }) => n === 1 ? opened.then(pass) : pass()),
  );
  assertEquals(record.logs.map(({ text }) => text), ["first", "second, which nobody waits for"]);
});

Deno.test("what a failing handler told arrives before its end", async () => {
  const { record } = await run(({ log }) => {
    log("about to fail");
    throw new Error("failed");
  });
  assertEquals([record.status, record.logs[0]?.text], ["dead_letter", "about to fail"]);
});

const wrong: readonly unknown[] = [NaN, Infinity, -Infinity, "0.5", null, undefined, 1n];

for (const value of wrong) {
  Deno.test(`progress refuses ${String(value)} and the handler can go on`, async () => {
    const { record } = await run(async ({ progress }) => {
      const call = async (): Promise<void> => await progress(value as number);
      await assertRejects(call, InvalidOptionError, "Cannot report progress as 'value' must");
      return "went on";
    });
    assertEquals([record.result, record.progress], ['"went on"', null]);
  });
}

Deno.test("progress takes any finite number", async () => {
  const { record } = await run(async ({ progress }) => {
    for (const value of [0, -1, 1e300, 5e-324]) await progress(value);
    return "ok";
  });
  assertEquals([record.result, record.progress?.value], ['"ok"', 5e-324]);
});

Deno.test("log writes whatever it is given", async () => {
  const { record } = await run(async ({ log }) => {
    const values: unknown[] = [5, null, undefined, { a: 1 }];
    for (const value of values) await log(value as string);
  });
  assertEquals(record.logs.map(({ text }) => text), ["5", "null", "undefined", "[object Object]"]);
});

Deno.test("reports that fail reject for who waits, and crash nothing for who does not", async () => {
  const { record } = await run(async ({ progress, log }) => {
    progress(0.1);
    log("unseen");
    await assertRejects(() => log("seen"), StoreDownError);
    return "went on";
  }, (world) => world.store.on("report", failBefore(() => true)));
  assertEquals([record.status, record.result], ["completed", '"went on"']);
});

Deno.test("a report works again after one that failed", async () => {
  const { record } = await run(async ({ log }) => {
    await log("lost").catch(() => {});
    await log("kept");
  }, (world) => world.store.on("report", failBefore((n) => n === 1)));
  assertEquals(record.logs.map(({ text }) => text), ["kept"]);
});

Deno.test("progress and log reject with LeaseLostError once the job has ended", async () => {
  const contexts: JobContext[] = [];
  await using world = new World();
  await world.server().handle("t", (context) => void contexts.push(context)).start();
  await (await world.client.enqueue("t")).result();
  await assertRejects(() => contexts[0]!.progress(1), LeaseLostError);
  await assertRejects(() => contexts[0]!.log("late"), LeaseLostError);
  // Nobody waits for these: they must not crash the process.
  contexts[0]!.progress(1);
  contexts[0]!.log("late");
  await world.flush();
});

Deno.test("one server's handlers tell together", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server();
  server.handle("t", async ({ progress }) => {
    await opened;
    await progress(0.5);
  }, { concurrency: 50 });
  await server.start();
  const handles = await Promise.all(Array.from({ length: 50 }, () => world.client.enqueue("t")));
  await world.flush();
  open();
  await Promise.all(handles.map((handle) => handle.result()));
  const calls = world.store.calls("report");
  assertEquals(calls.reduce((sum, [reports]) => sum + reports.length, 0), 50);
  assertEquals(calls.length <= 3, true, `${calls.length} calls`);
});

Deno.test("a handler that has returned completes though its report hangs", async () => {
  await using world = new World();
  let runs = 0;
  world.store.on("report", () => never());
  const server = world.server({ timeoutMs: 1000, graceMs: 300, maxRetry: 1 });
  server.handle("t", ({ log }) => {
    runs++;
    log("nobody waits for this");
    return "done";
  });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(60_000);
  assertEquals([(await world.record(id)).status, runs], ["completed", 1], "its work was done");
});
