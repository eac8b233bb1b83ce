import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { InvalidOptionError, type SeriesOptions } from "../../../mod.ts";
import { TestQueue } from "../../../src/testing/test_queue.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A queue with handlers that end at once, one of them by failing. */
function makeQueue(): TestQueue {
  const queue = new TestQueue({ startAt: Date.UTC(2026, 0, 1, 12) });
  queue.server.pool({ name: "all", types: ["work", "fail", "play"], concurrency: 10 })
    .handle("work", () => {})
    .handle("play", () => {})
    .handle("fail", ({ job }) => Promise.reject(new TypeError(`No ${job.payload}`)), {
      maxRetry: 1,
      backoff: { type: "fixed", baseMs: HOUR_MS },
    });
  return queue;
}

Deno.test("series gives a point for each step of the last hour, with what happened in it", async () => {
  await using queue = makeQueue();
  const { client, clock } = queue;
  await client.enqueue("work", 1);
  await client.enqueue("work", 2);
  await client.enqueue("fail", 1);
  await client.enqueue("play", null, { delayMs: 90_000, queue: "other" });
  await queue.drain();
  await queue.advance(2 * MINUTE_MS);
  const points = await client.insight.series();
  assertEquals(points.length, 61);
  assertEquals(points.at(-1)?.at, clock.now());
  const [first, second, third] = points.slice(-3);
  assertEquals(
    [first?.completed, first?.retried, first?.failures, first?.runMs?.count],
    [2, 1, 1, 3],
  );
  assertAlmostEquals(first!.throughput, 2 / 60, 1e-9);
  assertEquals([second?.completed, second?.waitMs?.count], [1, 1]);
  assertEquals(second?.depth?.retry, 1);
  assertEquals([third?.completed, third?.runMs, third?.waitMs], [0, null, null]);
  assertEquals(points[0]?.depth, null, "nobody sampled then");
});

Deno.test("series adds up the minutes of a step, of one queue or type", async () => {
  await using queue = makeQueue();
  const { client, clock } = queue;
  const begun = clock.now();
  for (let i = 0; i < 4; i++) {
    await client.enqueue("play", i, { queue: i % 2 === 0 ? "a" : "b" });
    await queue.drain();
    await queue.advance(MINUTE_MS);
  }
  const of = async (options: SeriesOptions): Promise<number[]> => {
    const span = { fromAt: new Date(begun), toAt: begun + 3 * MINUTE_MS };
    return (await client.insight.series({ ...span, ...options })).map(({ completed }) => completed);
  };
  assertEquals(await of({}), [1, 1, 1, 1]);
  assertEquals(await of({ stepMs: 2 * MINUTE_MS }), [2, 2]);
  assertEquals(await of({ stepMs: HOUR_MS, queue: "b" }), [2]);
  assertEquals(await of({ type: "work" }), [0, 0, 0, 0]);
  const whole = await client.insight.series({ fromAt: 0 });
  assertEquals(whole.length, 24 * 60);
});

Deno.test("series of whole hours goes back 8 days, and has the hour under way", async () => {
  await using queue = makeQueue();
  const { client, clock } = queue;
  const begun = clock.now();
  for (let day = 0; day < 8; day++) {
    await client.enqueue("work", day);
    await queue.drain();
    clock.jump(24 * HOUR_MS);
    await queue.store.sample();
  }
  await client.enqueue("work", 9);
  await queue.drain();
  const fromAt = begun - 9 * 24 * HOUR_MS;
  const hours = await client.insight.series({ fromAt, stepMs: HOUR_MS });
  assertEquals(hours.length, 8 * 24);
  const some = hours.filter(({ completed }) => completed > 0);
  const days = [1, 2, 3, 4, 5, 6, 7, 8].map((day) => begun + day * 24 * HOUR_MS);
  assertEquals(some.map(({ at, completed }) => [at, completed]), days.map((at) => [at, 1]));
  const byDay = await client.insight.series({ fromAt, stepMs: 24 * HOUR_MS });
  assertEquals(byDay.map(({ completed }) => completed), [0, 1, 1, 1, 1, 1, 1, 1, 1]);
  const minutes = await client.insight.series({ fromAt, stepMs: 30 * MINUTE_MS });
  assertEquals(minutes.reduce((sum, { completed }) => sum + completed, 0), 1);
});

for (
  const options of [
    { stepMs: 1000 },
    { stepMs: 90_000 },
    { stepMs: 2 * 86_400_000 },
    { fromAt: -1 },
    { toAt: new Date(NaN) },
    { step: 5 } as SeriesOptions,
  ]
) {
  Deno.test(`series refuses ${JSON.stringify(options)}`, async () => {
    await using queue = makeQueue();
    await assertRejects(() => queue.client.insight.series(options), InvalidOptionError);
  });
}

Deno.test("totals and days tell what ended, days the newest first", async () => {
  await using queue = makeQueue();
  const { client, clock } = queue;
  await client.enqueue("play", null);
  await queue.drain();
  clock.jump(24 * HOUR_MS);
  await client.enqueue("play", null);
  await queue.drain();
  const [total] = await client.insight.totals();
  assertEquals([total?.queue, total?.type, total?.completed], ["default", "play", 2]);
  const days = await client.insight.days();
  assertEquals(days.map(({ at, completed }) => [at, completed]), [
    [clock.now() - 12 * HOUR_MS, 1],
    [clock.now() - 36 * HOUR_MS, 1],
  ]);
  await assertRejects(() => client.insight.days({ days: 91 }), InvalidOptionError);
});

Deno.test("stats puts counts, totals and pauses of queues and types together", async () => {
  await using queue = makeQueue();
  const { client } = queue;
  await client.enqueue("play", null);
  await client.enqueue("fail", 7);
  await queue.drain();
  await client.control.pause({ queue: "other" });
  await client.control.pause({ type: "play" });
  await client.enqueue("play", null, { queue: "other" });
  await client.enqueue("work", 1, { queue: "other" });
  const { counts, totals, queues, paused } = await client.insight.stats();
  assertEquals([counts.ready, counts.retry, counts.completed], [2, 1, 1]);
  assertEquals([totals.completed, totals.retried], [1, 1]);
  assertEquals(paused.length, 2);
  assertEquals(queues.map((one) => [one.queue, one.paused, one.counts.ready]), [
    ["default", false, 0],
    ["other", true, 2],
  ]);
  assertEquals(
    queues.flatMap(({ queue, types }) => types.map((one) => [queue, one.type, one.paused])),
    [["default", "fail", false], ["default", "play", true], ["other", "play", true], [
      "other",
      "work",
      true,
    ]],
  );
});

Deno.test("errors lists groups of failures and reads one of them", async () => {
  await using queue = makeQueue();
  const { client } = queue;
  const { id } = await client.enqueue("fail", 7);
  await client.enqueue("fail", 8);
  await queue.drain();
  const { groups } = await client.insight.errors.list({ type: "fail" });
  assertEquals(groups.map(({ name, count, type }) => [name, count, type]), [
    ["TypeError", 2, "fail"],
  ]);
  const fingerprint = (await client.getJob(id))?.attempts[0]?.error?.fingerprint ?? "";
  assertEquals(await client.insight.errors.get(fingerprint), groups[0]);
  assertEquals(await client.insight.errors.get("0".repeat(16)), null);
  assertEquals((await client.insight.errors.list({ type: "play" })).groups, []);
});
