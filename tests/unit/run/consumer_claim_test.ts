import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UnknownJobTypeError } from "../../../src/enqueue/errors.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { checkedJob, defineJobs, job } from "../../../src/job/registry.ts";
import { ConsumerClosedError } from "../../../src/run/claim_errors.ts";
import { Consumer } from "../../../src/run/consumer.ts";
import type { ClaimOptions, ConsumerOptions } from "../../../src/run/consumer_options.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { consumerOf } from "../../support/consuming.ts";
import { failBefore, StoreDownError } from "../../support/decorated_store.ts";
import { World } from "../../support/world.ts";

Deno.test("claim gives what is there, up to the limit, in order", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  for (let i = 0; i < 5; i++) await world.client.enqueue("t", i);
  await world.client.enqueue("other", "x");
  const payloads = async (limit?: number): Promise<unknown[]> => {
    const works = await consumer.claim({ types: ["t"], ...(limit === undefined ? {} : { limit }) });
    return works.map(({ job }) => job.payload);
  };
  assertEquals(await payloads(), [0]);
  assertEquals(await payloads(2), [1, 2]);
  assertEquals(await payloads(10), [3, 4]);
  assertEquals(await payloads(10), []);
});

Deno.test("claim tells type, job, fence and holder", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const { id } = await world.client.enqueue("t", { a: 1 }, { meta: { b: 2 } });
  const [work] = await consumer.claim({ types: ["t"] });
  const { holder } = await world.record(id);
  assertEquals([work!.type, work!.job.id, work!.job.status], ["t", id, "processing"]);
  assertEquals([work!.job.payload, work!.job.meta, work!.job.attempt], [{ a: 1 }, { b: 2 }, 1]);
  assertEquals([work!.fence, consumer.id], [holder?.fence, holder?.server]);
  assertEquals(work!.signal.aborted, false);
});

Deno.test("claim takes only from the queues that it names, the first one before the others", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  for (const queue of ["a", "b", "c", "a"]) await world.client.enqueue("t", queue, { queue });
  const claimed = await consumer.claim({ types: ["t"], queues: ["b", "a"], limit: 10 });
  assertEquals(claimed.map(({ job }) => job.queue), ["b", "a", "a"]);
  const rest = await consumer.claim({ types: ["t"], limit: 10 });
  assertEquals(rest.map(({ job }) => job.queue), ["c"], "without queues, all of them");
});

Deno.test("claim promotes what is due", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { upkeep: false });
  await world.client.enqueue("t", null, { delayMs: 500 });
  assertEquals((await consumer.claim({ types: ["t"] })).length, 0);
  await world.clock.advance(500);
  assertEquals((await consumer.claim({ types: ["t"] })).length, 1);
});

Deno.test("claim waits for a job that is enqueued", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const claim = consumer.claim({ types: ["t"], waitMs: 60_000 });
  await world.clock.advance(1000);
  await world.client.enqueue("other");
  await world.client.enqueue("t", "came");
  assertEquals((await claim).map(({ job }) => job.payload), ["came"]);
});

Deno.test("claim waits for a job that becomes due, also if an earlier one comes later", async () => {
  await using world = new World();
  await using consumer = consumerOf(world, { upkeep: false });
  await world.client.enqueue("t", "later", { delayMs: 5000 });
  const claim = consumer.claim({ types: ["t"], waitMs: 60_000 });
  await world.flush();
  await world.client.enqueue("t", "sooner", { delayMs: 1000 });
  await world.flush();
  let claimed = false;
  claim.then(() => claimed = true);
  await world.clock.advance(999);
  assertEquals(claimed, false);
  await world.clock.advance(1);
  assertEquals((await claim).map(({ job }) => job.payload), ["sooner"]);
});

Deno.test("claim gives nothing when its time is over", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  let works: unknown;
  const claim = consumer.claim({ types: ["t"], waitMs: 3000 }).then((claimed) => works = claimed);
  await world.clock.advance(2999);
  assertEquals(works, undefined);
  await world.clock.advance(1);
  await claim;
  assertEquals(works, []);
});

Deno.test("claim waits without end for Infinity, and rejects with the signal's reason", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const stop = new AbortController();
  const claim = consumer.claim({ types: ["t"], waitMs: Infinity, signal: stop.signal });
  const rejected = assertRejects(() => claim, Error, "enough");
  await world.clock.advance(10 * 60_000);
  stop.abort(new Error("enough"));
  await rejected;
  await assertRejects(
    () => consumer.claim({ types: ["t"], signal: stop.signal }),
    Error,
    "enough",
  );
});

Deno.test("claim gives back what arrives after its signal has aborted", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const { id } = await world.client.enqueue("t");
  const stop = new AbortController();
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    stop.abort(new Error("enough"));
    return reply;
  });
  await assertRejects(() => consumer.claim({ types: ["t"], signal: stop.signal }), Error, "enough");
  await world.flush();
  const record = await world.record(id);
  assertEquals([record.status, record.attemptsMade], ["ready", 0]);
});

Deno.test("of two claims that wait, each gets a job", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  const ask = { types: ["t"], waitMs: 1000 };
  const claims = [consumer.claim(ask), consumer.claim(ask)];
  await world.flush();
  await Promise.all([world.client.enqueue("t", 1), world.client.enqueue("t", 2)]);
  const works = (await Promise.all(claims)).flat();
  assertEquals(works.map(({ job }) => job.payload).sort(), [1, 2]);
});

Deno.test("claim throws what the store throws, and can be called again", async () => {
  await using world = new World();
  await using consumer = consumerOf(world);
  await world.client.enqueue("t");
  world.store.on("claim", failBefore(() => true));
  await assertRejects(() => consumer.claim({ types: ["t"], waitMs: 1000 }), StoreDownError);
  world.store.on("claim", undefined);
  assertEquals((await consumer.claim({ types: ["t"] })).length, 1);
});

const number = checkedJob({
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value: unknown) =>
      typeof value === "number" ? { value: value * 10 } : { issues: [{ message: "no number" }] },
  },
});

for (
  const [onInvalidPayload, status] of [
    [undefined, "dead_letter"],
    ["dead_letter", "dead_letter"],
    ["cancel", "canceled"],
    ["retry", "retry"],
  ] as const
) {
  Deno.test(`claim passes over payloads that the schema refuses: ${onInvalidPayload}`, async () => {
    await using world = new World();
    const jobs = { t: { payload: number.payload, onInvalidPayload } };
    await using consumer = consumerOf(world, { jobs });
    const { id } = await world.client.enqueue("t", "bad");
    await world.client.enqueue("t", 4);
    const works = await consumer.claim({ types: ["t"] });
    assertEquals(works.map(({ job }) => job.payload), [40], "as the schema gives it");
    const record = await world.record(id);
    assertEquals([record.status, record.attemptsMade], [status, 1]);
    assertEquals(record.error, "Payload does not pass the schema of 't': no number");
    assertEquals(world.logger.saying("Job was not given out").length, 1);
  });
}

Deno.test("claim fails a job whose schema throws, as a handler would", async () => {
  await using world = new World();
  const validate = (): never => {
    throw new Error("broken schema");
  };
  const jobs = { t: checkedJob({ "~standard": { version: 1, vendor: "test", validate } }) };
  await using consumer = consumerOf(world, { jobs });
  const { id } = await world.client.enqueue("t");
  assertEquals(await consumer.claim({ types: ["t"] }), []);
  const record = await world.record(id);
  assertEquals([record.status, record.error], ["retry", "broken schema"]);
});

Deno.test("the type tells payload and result of claimed jobs apart", async () => {
  await using world = new World();
  const jobs = defineJobs({ a: job<{ x: number }, string>(), b: job<string, void>() });
  await using consumer = consumerOf(world, { jobs });
  await world.client.enqueue("a", { x: 1 });
  for (const work of await consumer.claim({ types: ["a", "b"] })) {
    if (work.type === "a") await work.complete(`${work.job.payload.x}`);
    else await work.complete();
  }
  // @ts-expect-error -- not in the registry
  await assertRejects(() => consumer.claim({ types: ["c"] }), UnknownJobTypeError);
});

const badClaims: readonly [unknown, string][] = [
  [null, "options"],
  [{}, "types"],
  [{ types: [] }, "types"],
  [{ types: "t" }, "types"],
  [{ types: [""] }, "types[0]"],
  [{ types: ["t", "t"] }, "types[1]"],
  [{ types: ["t"], queues: [] }, "queues"],
  [{ types: ["t"], queues: ["a b"] }, "queues[0]"],
  [{ types: ["t"], limit: 0 }, "limit"],
  [{ types: ["t"], limit: 1001 }, "limit"],
  [{ types: ["t"], waitMs: -1 }, "waitMs"],
  [{ types: ["t"], waitMs: NaN }, "waitMs"],
  [{ types: ["t"], lanes: [] }, "lanes"],
];

for (const [options, option] of badClaims) {
  Deno.test(`claim refuses ${JSON.stringify(options)}`, async () => {
    await using consumer = new Consumer({ store: memoryStore() });
    const error = await assertRejects(
      () => consumer.claim(options as ClaimOptions),
      InvalidOptionError,
      "Cannot claim jobs as",
    );
    assertEquals(error.option, option);
  });
}

const badConsumers: readonly [unknown, string][] = [
  [null, "options"],
  [{ store: {} }, "store"],
  [{ leaseMs: 99 }, "leaseMs"],
  [{ autoExtend: 1 }, "autoExtend"],
  [{ upkeep: "no" }, "upkeep"],
  [{ maxDeliveries: 0 }, "maxDeliveries"],
  [{ maxRetry: -1 }, "maxRetry"],
  [{ backoff: { type: "weird" } }, "backoff.type"],
  [{ isFailure: true }, "isFailure"],
  [{ logLevel: "loud" }, "logLevel"],
  [{ timeoutMs: 5 }, "timeoutMs"],
];

for (const [options, option] of badConsumers) {
  Deno.test(`Consumer refuses ${JSON.stringify(options)}`, () => {
    const error = assertThrows(() => new Consumer(options as ConsumerOptions), InvalidOptionError);
    assertEquals(error.option, option);
  });
}

Deno.test("claim is refused once the consumer is closed", async () => {
  const consumer = new Consumer({ store: memoryStore() });
  await consumer.close();
  const error = await assertRejects(() => consumer.claim({ types: ["t"] }), ConsumerClosedError);
  assertEquals([error.name, error.code], ["ConsumerClosedError", "CONSUMER_CLOSED"]);
});
