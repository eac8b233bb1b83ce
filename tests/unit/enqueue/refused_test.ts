import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { EnqueueOptions } from "../../../src/enqueue/options.ts";
import { GqmError } from "../../../src/errors.ts";
import { World } from "../../support/world.ts";

/** Every message says what cannot be done, the rule and the value seen. */
const FORM = /^Cannot enqueue job as .+: current value is /s;

async function refusal(call: (world: World) => Promise<unknown>): Promise<GqmError> {
  await using world = new World();
  const error = await assertRejects(() => call(world));
  assertEquals(await world.store.counts(), [], "nothing was written");
  assertEquals(world.store.calls("enqueue").length, 0, "the store was not asked");
  if (error instanceof GqmError) return error;
  throw new Error(`Expected an error of this package, got ${error}`);
}

const types: readonly unknown[] = ["", "t".repeat(257), "a\nb", "\0", 5, null, undefined, {}, [
  "t",
]];

for (const type of types) {
  Deno.test(`enqueue refuses the type ${JSON.stringify(type)?.slice(0, 30)}`, async () => {
    const error = await refusal(({ client }) => client.enqueue(type as string));
    assertEquals([error.name, error.code], ["InvalidJobTypeError", "INVALID_JOB_TYPE"]);
    assertMatch(error.message, FORM);
  });
}

type Refused = readonly [options: unknown, name: string, code: string, option: string];
const invalid = (options: unknown, option: string): Refused => [
  options,
  "InvalidOptionError",
  "INVALID_OPTION",
  option,
];
const badId = (id: unknown): Refused => [{ id }, "InvalidJobIdError", "INVALID_JOB_ID", "id"];
const badQueue = (queue: unknown): Refused => [
  { queue },
  "InvalidQueueNameError",
  "INVALID_QUEUE_NAME",
  "queue",
];

const TRACE = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };

const refused: readonly Refused[] = [
  badId(""),
  badId("a:b"),
  badId("a b"),
  badId("a\n"),
  badId("é"),
  badId("i".repeat(257)),
  badId(5),
  badId(null),
  badQueue(""),
  badQueue("a b"),
  badQueue("q".repeat(129)),
  badQueue("a/b"),
  badQueue(5),
  badQueue(null),
  invalid({ priority: 31 }, "priority"),
  invalid({ priority: -31 }, "priority"),
  invalid({ priority: 0.5 }, "priority"),
  invalid({ priority: NaN }, "priority"),
  invalid({ priority: "1" }, "priority"),
  invalid({ delayMs: -1 }, "delayMs"),
  invalid({ delayMs: 1.5 }, "delayMs"),
  invalid({ delayMs: Infinity }, "delayMs"),
  invalid({ delayMs: "5" }, "delayMs"),
  invalid({ delayMs: 1, runAt: 1 }, "runAt"),
  invalid({ delayMs: 0, runAt: new Date(0) }, "runAt"),
  invalid({ runAt: -1 }, "runAt"),
  invalid({ runAt: 1.5 }, "runAt"),
  invalid({ runAt: 8.64e15 + 1 }, "runAt"),
  invalid({ runAt: new Date(NaN) }, "runAt"),
  invalid({ runAt: "2026-01-01" }, "runAt"),
  invalid({ runAt: null }, "runAt"),
  invalid({ expireAt: -1 }, "expireAt"),
  invalid({ expireAt: new Date(NaN) }, "expireAt"),
  invalid({ expireAt: "soon" }, "expireAt"),
  invalid({ maxRetry: -1 }, "maxRetry"),
  invalid({ maxRetry: 0.5 }, "maxRetry"),
  invalid({ maxRetry: Infinity }, "maxRetry"),
  invalid({ maxRetry: null }, "maxRetry"),
  invalid({ retryIntervals: [] }, "retryIntervals"),
  invalid({ retryIntervals: [-1] }, "retryIntervals"),
  invalid({ retryIntervals: [0.5] }, "retryIntervals"),
  invalid({ retryIntervals: 5 }, "retryIntervals"),
  invalid({ retryIntervals: Array(101).fill(1) }, "retryIntervals"),
  invalid({ retryIntervals: [1], backoff: { type: "fixed" } }, "backoff"),
  invalid({ backoff: { type: "weird" } }, "backoff.type"),
  invalid({ backoff: { type: "fixed", baseMs: -1 } }, "backoff.baseMs"),
  invalid({ backoff: { type: "fixed", jitter: 2 } }, "backoff.jitter"),
  invalid({ backoff: { type: "custom" } }, "backoff.intervals"),
  invalid({ timeoutMs: 0 }, "timeoutMs"),
  invalid({ timeoutMs: -1 }, "timeoutMs"),
  invalid({ timeoutMs: Infinity }, "timeoutMs"),
  invalid({ enqueuedBy: "x".repeat(257) }, "enqueuedBy"),
  invalid({ enqueuedBy: 5 }, "enqueuedBy"),
  invalid({ unique: true }, "id"),
  invalid({ id: "a", onConflict: "ignore" }, "onConflict"),
  invalid({ meta: [] }, "meta"),
  invalid({ meta: "text" }, "meta"),
  invalid({ meta: null }, "meta"),
  invalid({ trace: "00-" }, "trace"),
  invalid({ trace: null }, "trace"),
  invalid({ trace: {} }, "trace.traceparent"),
  invalid(
    { trace: { traceparent: `00-${"0".repeat(32)}-${"b".repeat(16)}-01` } },
    "trace.traceparent",
  ),
  invalid({ trace: { ...TRACE, tracestate: "A=1" } }, "trace.tracestate"),
  invalid({ trace: { ...TRACE, baggage: "a=1" } }, "trace.baggage"),
  invalid({ inheritContext: "no" }, "inheritContext"),
  invalid({ meta: { a: "x".repeat(65_536) } }, "meta"),
  invalid({ retention: { completedMs: -2 } }, "retention.completedMs"),
  invalid({ retention: { failedMs: 0.5 } }, "retention.failedMs"),
  invalid({ retention: { failedMs: NaN } }, "retention.failedMs"),
  invalid({ retention: { maxCount: -1 } }, "retention.maxCount"),
  invalid({ retention: { maxCount: 1.5 } }, "retention.maxCount"),
  invalid({ retention: { days: 1 } }, "retention.days"),
  invalid({ atFront: "yes" }, "atFront"),
  invalid({ deadLetter: 0 }, "deadLetter"),
  invalid({ id: "a", unique: "yes" }, "unique"),
  invalid({ maxRetries: 5 }, "maxRetries"),
  invalid({ delay: 5 }, "delay"),
  invalid(null, "options"),
  invalid("fast", "options"),
  invalid(5, "options"),
];

for (const [options, name, code, option] of refused) {
  const shown = (JSON.stringify(options) ?? String(options)).slice(0, 60);
  Deno.test(`enqueue refuses the options ${shown} (${option})`, async () => {
    const error = await refusal(({ client }) => client.enqueue("t", {}, options as EnqueueOptions));
    assertEquals([error.name, error.code], [name, code], error.message);
    assertMatch(error.message, FORM);
    assertEquals((error as unknown as { option: string }).option, option);
  });
}

Deno.test("enqueue refuses a meta that JSON would lose a part of", async () => {
  const error = await refusal(({ client }) => client.enqueue("t", {}, { meta: { f() {} } }));
  assertEquals(error.name, "PayloadNotSerializableError");
  assertMatch(error.message, /'meta\.f' is a function/);
});

Deno.test("enqueue accepts a meta of 64 KiB and refuses one byte more", async () => {
  await using world = new World();
  const room = 64 * 1024 - '{"a":""}'.length;
  await world.client.enqueue("t", {}, { meta: { a: "x".repeat(room) } });
  const error = await refusal(({ client }) =>
    client.enqueue("t", {}, { meta: { a: "x".repeat(room + 1) } })
  );
  assertMatch(error.message, /'meta' must be at most 65536 bytes of JSON: .*65537 bytes/);
});

Deno.test("enqueue says little of an id of 50 000 characters when it refuses it", async () => {
  const error = await refusal(({ client }) => client.enqueue("t", {}, { id: "a".repeat(50_000) }));
  assertEquals(error.name, "InvalidJobIdError");
  assertEquals(error.message.length < 500, true, `${error.message.length} characters`);
});
