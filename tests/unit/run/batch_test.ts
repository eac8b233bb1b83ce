import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { InvalidOptionError } from "../../../src/errors.ts";
import type { Batch, BatchHandlerOptions, BatchItem } from "../../../src/run/batch.ts";
import { JobSettledError } from "../../../src/run/claim_errors.ts";
import {
  DuplicateHandlerError,
  JobTimeoutError,
  JobTypeConflictError,
  LeaseLostError,
  ServerStateError,
  ShutdownError,
} from "../../../src/run/errors.ts";
import type { AttemptEnd } from "../../../src/run/handler.ts";
import { Server } from "../../../src/run/server.ts";
import { RetryAfter, SkipRetry } from "../../../src/settle/outcome.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { gate, never, untilAborted, World } from "../../support/world.ts";

/** Enqueues jobs of type `t` with these payloads. */
function enqueueAll(world: World, payloads: readonly unknown[]): Promise<string[]> {
  return Promise.all(payloads.map(async (one) => (await world.client.enqueue("t", one)).id));
}

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** Statuses and texts of results or errors. */
function endsOf(world: World, ids: readonly string[]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => {
    const { status, result, error } = await world.record(id);
    return `${status} ${result ?? error}`;
  }));
}

for (
  const [jobs, size, sizes] of [[10, 100, [10]], [10, 4, [4, 4, 2]], [3, 1, [1, 1, 1]]] as const
) {
  Deno.test(`handleBatch gives ${jobs} jobs in batches of ${size} as ${sizes}`, async () => {
    await using world = new World();
    await enqueueAll(world, upTo(jobs));
    const batches: unknown[][] = [];
    const server = world.server();
    server.handleBatch("t", ({ jobs }) => void batches.push(jobs.map(({ job }) => job.payload)), {
      size,
    });
    await server.start();
    await server.drain();
    assertEquals(batches.map(({ length }) => length), [...sizes]);
    assertEquals(batches.flat(), upTo(jobs));
  });
}

Deno.test("a slow batch is followed by a full one", async () => {
  await using world = new World();
  await enqueueAll(world, upTo(12));
  const { opened, open } = gate();
  const sizes: number[] = [];
  const server = world.server().handleBatch("t", async ({ jobs }) => {
    sizes.push(jobs.length);
    await opened;
  }, { size: 5 });
  await server.start();
  await world.flush();
  assertEquals(sizes, [5], "the slots are those of one batch");
  open();
  await server.drain();
  assertEquals(sizes, [5, 5, 2]);
});

Deno.test("concurrency counts jobs: with twice the size two batches run at a time", async () => {
  await using world = new World();
  await enqueueAll(world, upTo(12));
  const sizes: number[] = [];
  const server = world.server({ shutdownTimeoutMs: 0, graceMs: 0 });
  server.handleBatch("t", ({ jobs }) => {
    sizes.push(jobs.length);
    return never();
  }, { size: 5, concurrency: 10 });
  await server.start();
  await world.flush();
  assertEquals(sizes, [5, 5]);
});

Deno.test("a pool that takes the type decides how many slots there are", async () => {
  for (const pool of [{ types: ["t"] }, {}]) {
    await using world = new World();
    await enqueueAll(world, upTo(7));
    const sizes: number[] = [];
    const server = world.server().pool({ name: "p", concurrency: 3, ...pool });
    server.handleBatch("t", ({ jobs }) => void sizes.push(jobs.length), { size: 5 });
    await server.start();
    await server.drain();
    assertEquals(sizes, [3, 3, 1]);
  }
});

Deno.test("what a batch handler leaves is completed without a result", async () => {
  await using world = new World();
  const ids = await enqueueAll(world, ["left", "result", "fails", "skips", "left"]);
  const server = world.server({ maxRetry: 0 }).handleBatch("t", ({ jobs }) => {
    const [, result, fails, skips] = jobs;
    result!.complete({ a: 1 });
    fails!.fail(new Error("own"));
    skips!.fail(new SkipRetry("useless"));
  });
  await server.start();
  await server.drain();
  assertEquals(await endsOf(world, ids), [
    "completed null",
    'completed {"a":1}',
    "dead_letter own",
    "dead_letter useless",
    "completed null",
  ]);
});

Deno.test("what a batch handler leaves fails with what it throws", async () => {
  await using world = new World();
  const ids = await enqueueAll(world, ["done", "left", "left"]);
  const last = await world.client.enqueue("t", "last", { maxRetry: 0 });
  const server = world.server().handleBatch("t", async ({ jobs }) => {
    jobs[0]!.complete("ok");
    await undefined;
    throw new RetryAfter(700, "later");
  });
  await server.start();
  await server.drain();
  assertEquals(await endsOf(world, [...ids, last.id]), [
    'completed "ok"',
    "retry later",
    "retry later",
    "dead_letter later",
  ]);
  assertEquals((await world.record(ids[1]!)).runAt! - world.clock.now(), 700);
});

Deno.test("a job that is completed early is settled, and its slot is free", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const ids = await enqueueAll(world, [1, 2, 3]);
  const seen: unknown[] = [];
  const server = world.server().handleBatch("t", async ({ jobs }) => {
    seen.push(jobs.map(({ job }) => job.payload));
    jobs[0]!.complete("early");
    await opened;
  }, { size: 2 });
  await server.start();
  await world.flush();
  assertEquals(await endsOf(world, ids.slice(0, 2)), ['completed "early"', "processing null"]);
  assertEquals(seen, [[1, 2], [3]]);
  open();
  await server.drain();
});

Deno.test("each job has what a handler of one job gets", async () => {
  await using world = new World();
  const ids = await enqueueAll(world, ["a", "b"]);
  const fences: number[] = [];
  const server = world.server().handleBatch("t", async ({ jobs }) => {
    for (const { job, fence, signal, progress, log } of jobs) {
      fences.push(fence);
      assertEquals([job.status, job.attempt, signal.aborted], ["processing", 1, false]);
      await progress(0.5, `half of ${job.payload}`);
      await log(`line of ${job.payload}`);
    }
  });
  await server.start();
  await server.drain();
  for (const [i, name] of ["a", "b"].entries()) {
    const { progress, logs, attempts } = await world.record(ids[i]!);
    assertEquals([progress?.message, logs.map(({ text }) => text), attempts.length], [
      `half of ${name}`,
      [`line of ${name}`],
      1,
    ]);
  }
  assert(fences[0]! < fences[1]!);
});

Deno.test("a job of a batch can be settled once", async () => {
  await using world = new World();
  await enqueueAll(world, [1]);
  let item: BatchItem | undefined;
  const server = world.server().handleBatch("t", ({ jobs }) => {
    item = jobs[0]!;
    item.fail(new SkipRetry("no"));
    assertThrows(() => item!.complete(), JobSettledError, "'fail'");
  });
  await server.start();
  await server.drain();
  assertThrows(() => item!.fail("x"), JobSettledError);
});

Deno.test("an error after the end of all jobs of a batch is logged", async () => {
  await using world = new World();
  const ids = await enqueueAll(world, [1]);
  const server = world.server().handleBatch("t", ({ jobs }) => {
    jobs[0]!.complete("ok");
    throw new Error("too late");
  });
  await server.start();
  await server.drain();
  assertEquals(await endsOf(world, ids), ['completed "ok"']);
  const said = world.logger.saying("Batch handler failed after all its jobs were settled");
  assertEquals(said.map(({ level, fields }) => [level, fields.type]), [["error", "t"]]);
});

Deno.test("middleware and callbacks are each job's own", async () => {
  await using world = new World();
  await enqueueAll(world, ["a", "b"]);
  const seen: string[] = [];
  const end = ({ job, status }: AttemptEnd): void => void seen.push(`${job.payload} ${status}`);
  const server = world.server({ maxRetry: 0 });
  server.use(async ({ job }, next) => {
    seen.push(`${job.payload} in`);
    await undefined;
    const result = await next();
    seen.push(`${job.payload} out`);
    return result;
  });
  server.handleBatch("t", ({ jobs }) => {
    seen.push(`batch of ${jobs.length}`);
    jobs[1]!.fail(new Error("x"));
  }, { onSuccess: end, onFailure: end });
  await server.start();
  await server.drain();
  assertEquals(seen, ["a in", "b in", "batch of 2", "a out", "b dead_letter", "a completed"]);
});

Deno.test("jobs have time limits of their own; the batch's signal aborts after the last", async () => {
  await using world = new World();
  const short = await world.client.enqueue("t", "short", { timeoutMs: 1000 });
  const long = await world.client.enqueue("t", "long", { timeoutMs: 2000 });
  const aborted: string[] = [];
  const server = world.server({ graceMs: 60_000, maxRetry: 0 }).handleBatch("t", (batch) => {
    for (const { job, signal } of batch.jobs) {
      signal.addEventListener("abort", () => aborted.push(`${job.payload}`));
    }
    batch.signal.addEventListener("abort", () => aborted.push("batch"));
    return untilAborted(batch);
  });
  await server.start();
  await world.flush();
  await world.clock.advance(1000);
  assertEquals(aborted, ["short"]);
  await world.clock.advance(1000);
  assertEquals(aborted, ["short", "long", "batch"]);
  await server.drain();
  const ends = await endsOf(world, [short.id, long.id]);
  assertEquals(ends[0]!.startsWith("dead_letter Timeout of 1000 ms exceeded"), true, ends[0]);
  assertEquals(ends[1]!.startsWith("dead_letter Timeout of 2000 ms exceeded"), true, ends[1]);
});

/** Runs a batch of two whose handler waits for its signal, and gives the batch. */
async function hangingBatch(world: World, options: object = {}): Promise<[Batch, Server]> {
  let batch: Batch | undefined;
  await enqueueAll(world, [1, 2]);
  const server = world.server(options).handleBatch("t", (given) => {
    batch = given;
    return untilAborted(given);
  });
  await server.start();
  await world.until(() => batch !== undefined, "the batch");
  return [batch!, server];
}

Deno.test("a batch's signal does not wait for jobs that are settled", async () => {
  await using world = new World();
  const [batch] = await hangingBatch(world, { timeoutMs: 1000, graceMs: 60_000 });
  batch.jobs[0]!.complete();
  assertEquals(batch.signal.aborted, false);
  await world.clock.advance(1000);
  assertInstanceOf(batch.signal.reason, JobTimeoutError);
});

Deno.test("a batch's signal aborts when the last job that could go on is settled", async () => {
  await using world = new World();
  let batch: Batch | undefined;
  await world.client.enqueue("t", "short", { timeoutMs: 1000 });
  await world.client.enqueue("t", "long");
  const server = world.server({ graceMs: 60_000 }).handleBatch("t", (given) => {
    batch = given;
    return untilAborted(given);
  });
  await server.start();
  await world.flush();
  await world.clock.advance(1000);
  assertEquals(batch!.signal.aborted, false);
  batch!.jobs[1]!.complete();
  assertInstanceOf(batch!.signal.reason, JobTimeoutError);
});

Deno.test("a batch of which all jobs are settled has a quiet signal", async () => {
  await using world = new World();
  const { opened, open } = gate();
  let batch: Batch | undefined;
  await enqueueAll(world, [1, 2]);
  const server = world.server().handleBatch("t", async (given) => {
    batch = given;
    assertEquals(given.signal.aborted, false);
    for (const job of given.jobs) job.complete();
    await opened;
  });
  await server.start();
  await server.drain();
  assertEquals(batch!.signal.aborted, false);
  open();
});

Deno.test("stop gives the jobs of a batch back, without an attempt", async () => {
  await using world = new World();
  const [batch, server] = await hangingBatch(world, { shutdownTimeoutMs: 100, graceMs: 100 });
  await world.drive(server.stop(), 50);
  assertInstanceOf(batch.signal.reason, ShutdownError);
  for (const { job } of batch.jobs) {
    const record = await world.record(job.id);
    assertEquals([record.status, record.attemptsMade], ["ready", 0]);
  }
});

Deno.test("a job of a batch that was lost tells only itself", async () => {
  await using world = new World();
  const [batch] = await hangingBatch(world, { leaseMs: 3000 });
  const [lost, kept] = batch.jobs;
  world.store.on("heartbeat", async ({ args: [{ holds }], run }) => {
    const reply = await run();
    return { ...reply, lost: holds.filter(({ id }) => id === lost!.job.id) };
  });
  await world.clock.advance(1000);
  assertInstanceOf(lost!.signal.reason, LeaseLostError);
  assertEquals([kept!.signal.aborted, batch.signal.aborted], [false, false]);
});

const bad: readonly [unknown, string][] = [
  [{ size: 0 }, "size"],
  [{ size: 1001 }, "size"],
  [{ size: 2.5 }, "size"],
  [{ size: 10, concurrency: 9 }, "concurrency"],
  [{ concurrency: 99 }, "concurrency"],
  [{ timeoutMs: 0 }, "timeoutMs"],
  [{ sizes: 5 }, "sizes"],
];

for (const [options, option] of bad) {
  Deno.test(`handleBatch refuses ${JSON.stringify(options)}`, () => {
    const server = new Server({ store: memoryStore(), logLevel: "silent" });
    const error = assertThrows(
      () => server.handleBatch("t", () => {}, options as BatchHandlerOptions),
      InvalidOptionError,
      "Cannot add handler as",
    );
    assertEquals(error.option, option);
  });
}

Deno.test("handle refuses 'size'", () => {
  const server = new Server({ store: memoryStore(), logLevel: "silent" });
  assertThrows(
    () => server.handle("t", () => {}, { size: 5 } as object),
    InvalidOptionError,
    "'size'",
  );
});

Deno.test("handleBatch refuses what handle refuses", async () => {
  await using server = new Server({ store: memoryStore(), logLevel: "silent" });
  server.handle("t", () => {});
  assertThrows(() => server.handleBatch("t", () => {}), DuplicateHandlerError);
  assertThrows(() => server.handleBatch("u", "no" as never), InvalidOptionError, "'handler'");
  await server.start();
  assertThrows(() => server.handleBatch("u", () => {}), ServerStateError);
});

Deno.test("an explicit concurrency beside a pool that names the type is a conflict", async () => {
  await using world = new World();
  const server = world.server().pool({ name: "p", types: ["t"], concurrency: 5 });
  server.handleBatch("t", () => {}, { size: 5, concurrency: 5 });
  let error: unknown;
  await server.start().catch((thrown) => error = thrown);
  assertInstanceOf(error, JobTypeConflictError);
});
