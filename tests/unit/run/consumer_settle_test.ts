import { assertEquals, assertRejects } from "@std/assert";
import { ResultUnavailableError } from "../../../src/enqueue/handle.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { JobSettledError } from "../../../src/run/claim_errors.ts";
import type { ClaimedWork } from "../../../src/run/claimed_work.ts";
import { Cancel, RetryAfter, SkipRetry } from "../../../src/settle/outcome.ts";
import { claimOne, consumerOf } from "../../support/consuming.ts";
import { failAfter, failBefore, StoreDownError } from "../../support/decorated_store.ts";
import { World } from "../../support/world.ts";

Deno.test("complete ends the job with its result and the time it took", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const handle = await world.client.enqueue("t");
  const work = await claimOne(consumer);
  await world.clock.advance(1200);
  await work.complete({ sum: 3 });
  assertEquals(await handle.result(), { sum: 3 });
  const { attempts, holder } = await world.record(handle.id);
  assertEquals(holder, null);
  assertEquals(attempts.map(({ outcome, server }) => [outcome, server]), [[
    "completed",
    consumer.id,
  ]]);
  assertEquals(attempts[0]!.finishedAt - attempts[0]!.startedAt, 1200);
  assertEquals(work.signal.aborted, false);
});

Deno.test("complete needs no result", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const handle = await world.client.enqueue("t");
  await (await claimOne(consumer)).complete();
  assertEquals(await handle.result(), undefined);
});

for (const [what, result] of [["no JSON", 1n], ["above 1 MiB", "x".repeat(1 << 20)]] as const) {
  Deno.test(`complete keeps a note in place of a result that is ${what}`, async () => {
    await using world = new World();
    await using consumer = consumerOf(world);
    const handle = await world.client.enqueue("t");
    await (await claimOne(consumer)).complete(result);
    await assertRejects(() => handle.result(), ResultUnavailableError);
    const lines = world.logger.saying("Job completed, its result cannot be kept");
    assertEquals(lines.map(({ fields }) => fields.id), [handle.id]);
  });
}

const failures: readonly [
  what: string,
  fail: (work: ClaimedWork) => Promise<void>,
  status: string,
  retryInMs: number | undefined,
  retryCount: number,
][] = [
  ["an error", (work) => work.fail(new Error("x")), "retry", 7000, 1],
  ["a text", (work) => work.fail("x"), "retry", 7000, 1],
  ["an error and retryInMs", (work) => work.fail("x", { retryInMs: 50 }), "retry", 50, 1],
  ["RetryAfter", (work) => work.fail(new RetryAfter(99)), "retry", 99, 1],
  [
    "RetryAfter and retryInMs",
    (work) => work.fail(new RetryAfter(9), { retryInMs: 0 }),
    "retry",
    0,
    1,
  ],
  ["SkipRetry", (work) => work.fail(new SkipRetry("x")), "dead_letter", undefined, 0],
  [
    "SkipRetry and retryInMs",
    (work) => work.fail(new SkipRetry("x"), { retryInMs: 5 }),
    "dead_letter",
    undefined,
    0,
  ],
  ["Cancel", (work) => work.fail(new Cancel("x")), "canceled", undefined, 0],
  ["an error that does not count", (work) => work.fail(new TypeError("x")), "retry", 7000, 0],
];

for (const [what, fail, status, retryInMs, retryCount] of failures) {
  Deno.test(`fail with ${what} makes the job ${status}`, async () => {
    await using world = new World();
    await using consumer = consumerOf(world, {
      backoff: { type: "fixed", baseMs: 7000 },
      isFailure: (error) => !(error instanceof TypeError),
    });
    const { id } = await world.client.enqueue("t");
    await fail(await claimOne(consumer));
    const record = await world.record(id);
    assertEquals(record.status, status);
    assertEquals(record.runAt === null ? undefined : record.runAt - world.clock.now(), retryInMs);
    assertEquals([record.retryCount, record.attemptsMade], [retryCount, 1]);
  });
}

Deno.test("fail lets the job's own settings go before the consumer's", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { maxRetry: 0 });
  const plain = await world.client.enqueue("t");
  await (await claimOne(consumer)).fail(new Error("x"));
  assertEquals((await world.record(plain.id)).status, "dead_letter");
  const own = await world.client.enqueue("t", null, { maxRetry: 1, retryIntervals: [300] });
  await (await claimOne(consumer)).fail(new Error("x"));
  const record = await world.record(own.id);
  assertEquals([record.status, record.runAt! - world.clock.now()], ["retry", 300]);
});

Deno.test("release gives the job back to its old place, without an attempt", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const { id } = await world.client.enqueue("t", "first");
  await world.client.enqueue("t", "second");
  await (await claimOne(consumer)).release();
  const record = await world.record(id);
  assertEquals([record.status, record.attemptsMade, record.deliveries], ["ready", 0, 0]);
  assertEquals((await claimOne(consumer)).job.payload, "first");
});

const ends: readonly (readonly [string, (work: ClaimedWork) => Promise<void>])[] = [
  ["complete", (work) => work.complete()],
  ["fail", (work) => work.fail(new Error("x"))],
  ["release", (work) => work.release()],
];

for (const [first, settle] of ends) {
  for (
    const [second, again] of [
      ...ends,
      ["extend", (work: ClaimedWork) => work.extend()] as const,
    ]
  ) {
    Deno.test(`${second} is refused after ${first}, under way or done`, async () => {
      await using world = new World();
      await using consumer = consumerOf(world);
      await world.client.enqueue("t");
      const work = await claimOne(consumer);
      const settling = settle(work);
      const refused = async (): Promise<void> => {
        const error = await assertRejects(() => again(work), JobSettledError);
        assertEquals([error.id, error.message.includes(`'${first}'`)], [work.job.id, true]);
      };
      await refused();
      await settling;
      await refused();
    });
  }
}

Deno.test("a settle that the store did not get may be repeated", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const handle = await world.client.enqueue("t");
  const work = await claimOne(consumer);
  world.store.on("settle", failBefore((n) => n === 1));
  await assertRejects(() => work.complete("done"), StoreDownError);
  await work.complete("done");
  assertEquals(await handle.result(), "done");
});

Deno.test("a settle whose reply was lost may be repeated", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const handle = await world.client.enqueue("t");
  const work = await claimOne(consumer);
  world.store.on("settle", failAfter((n) => n === 1));
  await assertRejects(() => work.complete("done"), StoreDownError);
  await work.complete("done");
  assertEquals(await handle.result(), "done");
});

Deno.test("settles in flight go to the store together", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  for (let i = 0; i < 20; i++) await world.client.enqueue("t", i);
  const works = await consumer.claim({ types: ["t"], limit: 20 });
  await Promise.all(works.map((work) => work.complete(work.job.payload)));
  assertEquals(world.store.calls("settle").map(([{ outcomes }]) => outcomes.length), [20]);
});

Deno.test("fail refuses options out of range, and the claim goes on", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  await world.client.enqueue("t");
  const work = await claimOne(consumer);
  for (const options of [{ retryInMs: -1 }, { retryInMs: 1.5 }, { delayMs: 5 }]) {
    await assertRejects(
      () => work.fail("x", options as object),
      InvalidOptionError,
      "Cannot fail job",
    );
  }
  await work.complete();
});
