import { assertEquals, assertNotEquals } from "@std/assert";
import type { EnqueueOptions } from "../../../src/enqueue/options.ts";
import type { JobRecord } from "../../../src/job/job.ts";
import { FAKE_CLOCK_START as NOW } from "../../../src/testing/fake_clock.ts";
import { World } from "../../support/world.ts";

const TRACEPARENT = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;

const accepted: readonly [string, EnqueueOptions, Partial<JobRecord>][] = [
  ["no options", {}, { queue: "default", priority: 0, settings: {}, status: "ready" }],
  ["an id", { id: "order-1" }, { id: "order-1" }],
  ["an id of 256 characters", { id: "i".repeat(256) }, { id: "i".repeat(256) }],
  ["an id of one character", { id: "." }, { id: "." }],
  ["the id __proto__", { id: "__proto__" }, { id: "__proto__" }],
  ["an id with unique", { id: "a", unique: true }, { id: "a" }],
  ["unique: false without an id", { unique: false }, {}],
  ["a queue", { queue: "mail:eu" }, { queue: "mail:eu" }],
  ["a queue of 128 characters", { queue: "q".repeat(128) }, { queue: "q".repeat(128) }],
  ["a queue named as a property", { queue: "constructor" }, { queue: "constructor" }],
  ["the highest priority", { priority: 30 }, { priority: 30 }],
  ["the lowest priority", { priority: -30 }, { priority: -30 }],
  ["a delay", { delayMs: 1000 }, { status: "scheduled", runAt: NOW + 1000 }],
  ["a delay of 0", { delayMs: 0 }, { status: "ready", runAt: null }],
  ["a runAt in the future", { runAt: NOW + 5 }, { status: "scheduled", runAt: NOW + 5 }],
  ["a runAt as Date", { runAt: new Date(NOW + 5) }, { status: "scheduled", runAt: NOW + 5 }],
  ["a runAt of now", { runAt: NOW }, { status: "ready", runAt: null }],
  ["a runAt that has passed", { runAt: 0 }, { status: "ready", runAt: null }],
  ["an expireAt", { expireAt: NOW + 9 }, { settings: { expireAt: NOW + 9 } }],
  ["an expireAt as Date", { expireAt: new Date(NOW) }, { settings: { expireAt: NOW } }],
  ["maxRetry 0", { maxRetry: 0 }, { settings: { maxRetry: 0 } }],
  ["maxRetry", { maxRetry: 1000 }, { settings: { maxRetry: 1000 } }],
  ["retryIntervals", { retryIntervals: [0, 5] }, {
    settings: { backoff: { type: "custom", intervals: [0, 5] } },
  }],
  ["a backoff", { backoff: { type: "linear", baseMs: 5 } }, {
    settings: { backoff: { type: "linear", baseMs: 5 } },
  }],
  ["the shortest timeout", { timeoutMs: 1 }, { settings: { timeoutMs: 1 } }],
  ["a timeout of 50 days", { timeoutMs: 4_320_000_000 }, {
    settings: { timeoutMs: 4_320_000_000 },
  }],
  ["meta", { meta: { a: { b: [1] } } }, { settings: { meta: { a: { b: [1] } } } }],
  ["a trace", { trace: { traceparent: TRACEPARENT } }, {
    settings: { trace: { traceparent: TRACEPARENT } },
  }],
  ["a trace with a state", { trace: { traceparent: TRACEPARENT, tracestate: "a=1,b@c=2" } }, {
    settings: { trace: { traceparent: TRACEPARENT, tracestate: "a=1,b@c=2" } },
  }],
  ["inheritContext", { inheritContext: false }, { settings: {} }],
  ["an empty meta", { meta: {} }, { settings: { meta: {} } }],
  ["meta with undefined", { meta: { a: undefined, b: 1 } }, { settings: { meta: { b: 1 } } }],
  ["enqueuedBy", { enqueuedBy: "ada" }, { settings: { enqueuedBy: "ada" } }],
  ["an empty enqueuedBy", { enqueuedBy: "" }, { settings: { enqueuedBy: "" } }],
  ["enqueuedBy of 256 characters", { enqueuedBy: "é".repeat(256) }, {
    settings: { enqueuedBy: "é".repeat(256) },
  }],
  ["deadLetter: false", { deadLetter: false }, { settings: { deadLetter: false } }],
  ["deadLetter: true", { deadLetter: true }, { settings: {} }],
  ["a retention", { retention: { completedMs: 0, failedMs: 5 } }, {
    settings: { retention: { completedMs: 0, failedMs: 5 } },
  }],
  ["a retention for ever", { retention: { completedMs: Infinity, failedMs: -1 } }, {
    settings: { retention: { completedMs: -1, failedMs: -1 } },
  }],
  ["half a retention", { retention: { failedMs: 1 } }, {
    settings: { retention: { failedMs: 1 } },
  }],
  ["a retention with undefined", { retention: { completedMs: undefined, failedMs: 1 } }, {
    settings: { retention: { failedMs: 1 } },
  }],
  ["every option as undefined", {
    id: undefined,
    queue: undefined,
    priority: undefined,
    delayMs: undefined,
    runAt: undefined,
    expireAt: undefined,
    maxRetry: undefined,
    retryIntervals: undefined,
    backoff: undefined,
    timeoutMs: undefined,
    meta: undefined,
    enqueuedBy: undefined,
    atFront: undefined,
    unique: undefined,
    onConflict: undefined,
    retention: undefined,
    deadLetter: undefined,
  }, { queue: "default", settings: {}, status: "ready" }],
];

for (const [what, options, expected] of accepted) {
  Deno.test(`enqueue stores the job when given ${what}`, async () => {
    await using world = new World();
    const handle = await world.client.enqueue("t", { n: 1 }, options);
    const record = await world.record(handle.id);
    const seen = Object.fromEntries(
      Object.keys(expected).map((key) => [key, record[key as keyof JobRecord]]),
    );
    assertEquals(seen, { ...expected });
    assertEquals(handle.status, record.status);
    assertEquals([record.type, record.payload], ["t", '{"n":1}']);
  });
}

Deno.test("enqueue makes an id of its own when given none", async () => {
  await using world = new World();
  const [a, b] = await Promise.all([world.client.enqueue("t"), world.client.enqueue("t")]);
  assertNotEquals(a.id, b.id);
});

Deno.test("enqueue keeps what it was given when the caller changes it afterwards", async () => {
  await using world = new World();
  const payload = { list: [1] };
  const meta = { tags: ["a"] };
  const intervals = [10];
  const backoff = { type: "linear" as const, baseMs: 5 };
  const calls = [
    world.client.enqueue("t", payload, { meta, retryIntervals: intervals }),
    world.client.enqueue("t", payload, { backoff }),
  ];
  payload.list.push(2);
  meta.tags.push("b");
  intervals.push(20);
  backoff.baseMs = 6;
  const [first, second] = await Promise.all(calls);
  const one = await world.record(first!.id);
  assertEquals(one.payload, '{"list":[1]}');
  assertEquals(one.settings.meta, { tags: ["a"] });
  assertEquals(one.settings.backoff?.intervals, [10], "the intervals are copied");
  assertEquals((await world.record(second!.id)).settings.backoff?.baseMs, 5, "so is the backoff");
});

Deno.test("enqueue opens the store when it is first called, not before", async () => {
  await using world = new World();
  let opened = 0;
  const open = world.store.open.bind(world.store);
  world.store.open = () => {
    opened++;
    return open();
  };
  assertEquals(opened, 0);
  await world.client.enqueue("t");
  await world.client.enqueue("t");
  assertEquals(opened, 1);
});
