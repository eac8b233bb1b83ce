import { assertEquals, assertStringIncludes } from "@std/assert";
import type { EnqueueOptions } from "../../../src/enqueue/options.ts";
import type { HandlerOptions } from "../../../src/run/handler.ts";
import { Cancel, RetryAfter, SkipRetry } from "../../../src/settle/outcome.ts";
import { World } from "../../support/world.ts";

function causedBy(cause: unknown, depth: number): Error {
  let error = new Error("outermost", { cause });
  for (let i = 1; i < depth; i++) error = new Error(`wrapped ${i}`, { cause: error });
  return error;
}

type Case = readonly [
  name: string,
  thrown: () => unknown,
  expected: string,
  handler?: HandlerOptions,
  job?: EnqueueOptions,
];

const cases: readonly Case[] = [
  ["a plain error", () => new Error("x"), "retry 1"],
  ["SkipRetry", () => new SkipRetry("x"), "dead_letter 0"],
  ["SkipRetry as a cause", () => causedBy(new SkipRetry("x"), 1), "dead_letter 0"],
  ["SkipRetry nine causes deep", () => causedBy(new SkipRetry("x"), 9), "dead_letter 0"],
  ["Cancel", () => new Cancel("x"), "canceled 0"],
  ["Cancel as a cause", () => causedBy(new Cancel("x"), 3), "canceled 0"],
  ["RetryAfter", () => new RetryAfter(10), "retry 1"],
  ["RetryAfter as a cause", () => causedBy(new RetryAfter(10), 3), "retry 1"],
  ["RetryAfter without retries", () => new RetryAfter(10), "dead_letter 0", { maxRetry: 0 }],
  ["an AggregateError", () => new AggregateError([new Error("x")], "many"), "retry 1"],
  ["what isFailure does not count", () => new Error("x"), "retry 0", { isFailure: () => false }],
  ["what isFailure counts", () => new Error("x"), "retry 1", { isFailure: () => true }],
  ["what a throwing isFailure sees", () => new Error("x"), "retry 1", {
    isFailure: () => {
      throw new Error("broken predicate");
    },
  }],
  ["SkipRetry, which does not count", () => new SkipRetry("x"), "dead_letter 0", {
    isFailure: () => false,
  }],
  ["an error that does not count, without retries", () => new Error("x"), "dead_letter 0", {
    isFailure: () => false,
    maxRetry: 0,
  }],
  ["the last failure of a job that keeps no dead letter", () => new Error("x"), "gone", {}, {
    maxRetry: 0,
    deadLetter: false,
  }],
  ["SkipRetry in a job that keeps no dead letter", () => new SkipRetry("x"), "gone", {}, {
    deadLetter: false,
  }],
  ["Cancel in a job that keeps no dead letter", () => new Cancel("x"), "canceled 0", {}, {
    deadLetter: false,
  }],
  ["a failure of a job that keeps no dead letter", () => new Error("x"), "retry 1", {}, {
    deadLetter: false,
  }],
  ["the last failure of a job that is not retained", () => new Error("x"), "gone", {}, {
    maxRetry: 0,
    retention: { failedMs: 0 },
  }],
];

for (const later of [false, true]) {
  for (const [name, thrown, expected, handler = {}, options = {}] of cases) {
    const how = later ? "rejects with" : "throws";
    Deno.test(`a job becomes ${expected} when its handler ${how} ${name}`, async () => {
      await using world = new World();
      const server = world.server({ backoff: { type: "fixed", baseMs: 10 } });
      server.handle("t", () => {
        if (later) return Promise.reject(thrown());
        throw thrown();
      }, handler);
      await server.start();
      const { id } = await world.client.enqueue("t", null, options);
      await world.flush();
      const [record] = await world.store.getJobs([id]);
      assertEquals(record ? `${record.status} ${record.retryCount}` : "gone", expected);
    });
  }
}

Deno.test("an error that does not count is retried without end", async () => {
  await using world = new World();
  let runs = 0;
  const server = world.server({ maxRetry: 2, backoff: { type: "fixed", baseMs: 10 } });
  server.handle("t", () => {
    if (++runs <= 30) throw new Error("rate limited");
    return runs;
  }, { isFailure: () => false });
  await server.start();
  const handle = await world.client.enqueue("t");
  assertEquals(await world.drive(handle.result(), 10), 31);
  const record = await world.record(handle.id);
  assertEquals([record.retryCount, record.attemptsMade, record.attempts.length], [0, 31, 25]);
});

Deno.test("isFailure gets what was thrown", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const thrown = { code: 503 };
  const server = world.server().handle("t", () => {
    throw thrown;
  }, { isFailure: (error) => (seen.push(error), true) });
  await server.start();
  await world.client.enqueue("t");
  await world.flush();
  assertEquals(seen, [thrown]);
});

Deno.test("a failure keeps message, name and stack with its causes", async () => {
  await using world = new World();
  const server = world.server().handle("t", () => {
    throw new TypeError("outer", { cause: new RangeError("inner") });
  }, { maxRetry: 0 });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  const { error, attempts } = await world.record(id);
  assertEquals([error, attempts[0]?.error?.name], ["outer", "TypeError"]);
  assertStringIncludes(attempts[0]?.error?.stack ?? "", "Caused by RangeError: inner");
});
