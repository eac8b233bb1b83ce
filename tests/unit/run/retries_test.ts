import { assertEquals } from "@std/assert";
import type { BackoffPolicy } from "../../../src/job/backoff.ts";
import type { BackoffFunction } from "../../../src/settle/backoff.ts";
import { RetryAfter } from "../../../src/settle/outcome.ts";
import { World } from "../../support/world.ts";

const table: readonly [string, BackoffPolicy | BackoffFunction | undefined, readonly number[]][] = [
  ["the default", undefined, [10_000, 10_000, 10_000]],
  ["fixed", { type: "fixed", baseMs: 777 }, [777, 777, 777]],
  ["fixed 0", { type: "fixed", baseMs: 0 }, [0, 0]],
  ["linear", { type: "linear", baseMs: 100 }, [100, 200, 300]],
  ["exponential", { type: "exponential", baseMs: 50, maxMs: 150 }, [50, 100, 150]],
  ["polynomial", { type: "polynomial", baseMs: 3, exponent: 3 }, [3, 24, 81]],
  ["custom", { type: "custom", intervals: [7, 1000] }, [7, 1000, 1000]],
  ["a function", (retry) => retry * 11, [11, 22, 33]],
  ["jitter, of which chance takes nothing", { type: "fixed", baseMs: 400, jitter: 1 }, [400]],
];

for (const [name, backoff, delays] of table) {
  Deno.test(`a failed job runs again after exactly ${delays.join(", ")} ms when the backoff is ${name}`, async () => {
    await using world = new World();
    const startedAt: number[] = [];
    const server = world.server().handle("t", () => {
      startedAt.push(world.clock.now());
      throw new Error("broken");
    }, { backoff, maxRetry: delays.length });
    await server.start();
    const { id } = await world.client.enqueue("t");
    await world.until(() => startedAt.length >= 1, "the first attempt");

    for (const [i, delay] of delays.entries()) {
      await world.flush();
      if (delay > 0) {
        const waiting = await world.record(id);
        assertEquals([waiting.status, waiting.runAt, waiting.retryCount], [
          "retry",
          startedAt[i]! + delay,
          i + 1,
        ]);
        await world.clock.advance(delay - 1);
        assertEquals(startedAt.length, i + 1, `not before ${delay} ms`);
        await world.clock.advance(1);
      }
      await world.until(() => startedAt.length >= i + 2, `attempt ${i + 2}`);
      assertEquals(startedAt[i + 1]! - startedAt[i]!, delay);
    }
    await world.flush();
    const dead = await world.record(id);
    assertEquals([dead.status, dead.retryCount, dead.error], [
      "dead_letter",
      delays.length,
      "broken",
    ]);
    assertEquals(dead.attempts.map(({ outcome }) => outcome), [
      ...delays.map(() => "retry" as const),
      "dead_letter",
    ]);
  });
}

Deno.test("a job's own retryIntervals go before its handler's backoff", async () => {
  await using world = new World();
  const server = world.server({ backoff: { type: "fixed", baseMs: 1 } });
  server.handle("t", () => {
    throw new Error("broken");
  }, { backoff: { type: "fixed", baseMs: 2 } });
  await server.start();
  const { id } = await world.client.enqueue("t", 1, { retryIntervals: [500] });
  await world.flush();
  assertEquals((await world.record(id)).runAt, world.clock.now() + 500);
});

Deno.test("RetryAfter sets the delay of one retry only", async () => {
  await using world = new World();
  const runs: number[] = [];
  const server = world.server({ backoff: { type: "fixed", baseMs: 50 } });
  server.handle("t", ({ job }) => {
    runs.push(world.clock.now());
    throw job.attempt === 1 ? new RetryAfter(3000) : new Error("broken");
  });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.until(() => runs.length === 1, "the first attempt");
  await world.flush();
  await world.clock.advance(2999);
  assertEquals(runs.length, 1);
  await world.clock.advance(1);
  await world.until(() => runs.length === 2, "the second attempt");
  await world.flush();
  const record = await world.record(id);
  assertEquals([record.runAt, record.retryCount], [world.clock.now() + 50, 2]);
});

Deno.test("jitter takes its share by the server's chance", async () => {
  await using world = new World();
  const server = world.server({ rng: () => 0.25, maxRetry: 1 });
  server.handle("t", () => {
    throw new Error("broken");
  }, { backoff: { type: "fixed", baseMs: 1000, jitter: 0.8 } });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  assertEquals((await world.record(id)).runAt, world.clock.now() + 800);
});

Deno.test("a job's attempts are numbered and carry their errors", async () => {
  await using world = new World();
  const server = world.server({ backoff: { type: "fixed", baseMs: 0 } });
  server.pool({ name: "p", types: ["t"] }).handle("t", ({ job }) => {
    if (job.attempt < 3) throw new RangeError(`broken ${job.attempt}`);
    return { attempt: job.attempt, retryCount: job.retryCount, seen: job.attempts.length };
  });
  await server.start();
  const handle = await world.client.enqueue("t");
  assertEquals(await world.drive(handle.result()), { attempt: 3, retryCount: 2, seen: 2 });
  const record = await world.record(handle.id);
  assertEquals(
    record.attempts.map(({ attempt, outcome, error, pool, server: name }) => [
      attempt,
      outcome,
      error?.name,
      error?.message,
      pool,
      name === server.id,
    ]),
    [
      [1, "retry", "RangeError", "broken 1", "p", true],
      [2, "retry", "RangeError", "broken 2", "p", true],
      [3, "completed", undefined, undefined, "p", true],
    ],
  );
  assertEquals(record.error, null, "the error is gone once it completed");
});
