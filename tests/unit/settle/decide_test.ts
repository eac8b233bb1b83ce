import { assertEquals } from "@std/assert";
import { decide, type FailedAttempt, type FailurePolicy } from "../../../src/settle/decide.ts";
import { Cancel, RetryAfter, SkipRetry } from "../../../src/settle/outcome.ts";

const policy: FailurePolicy = { maxRetry: 3, backoff: { type: "linear", baseMs: 100 } };
const failed = new Error("broken");

function verdict(attempt: Partial<FailedAttempt>, own: Partial<FailurePolicy> = {}): string {
  const full = { error: failed, retryCount: 0, settings: {}, ...attempt };
  const found = decide(full, { ...policy, ...own }, () => 0);
  return found.kind === "retry"
    ? `retry ${found.delayMs}${found.counted ? "" : " uncounted"}`
    : found.kind;
}

const no = (): boolean => false;
const table: readonly [string, string, Partial<FailedAttempt>, Partial<FailurePolicy>][] = [
  ["it is the first failure", "retry 100", {}, {}],
  ["the last retry is left", "retry 300", { retryCount: 2 }, {}],
  ["no retry is left", "dead_letter", { retryCount: 3 }, {}],
  ["maxRetry is 0", "dead_letter", {}, { maxRetry: 0 }],
  ["the job's maxRetry is 0", "dead_letter", { settings: { maxRetry: 0 } }, {}],
  ["the job's maxRetry is higher", "retry 400", { retryCount: 3, settings: { maxRetry: 9 } }, {}],
  ["the job's maxRetry is lower", "dead_letter", { retryCount: 1, settings: { maxRetry: 1 } }, {}],
  ["the job allows what the policy does not", "retry 100", { settings: { maxRetry: 1 } }, {
    maxRetry: 0,
  }],
  [
    "the job has a backoff",
    "retry 7",
    { settings: { backoff: { type: "custom", intervals: [7] } } },
    {},
  ],
  ["SkipRetry is thrown", "dead_letter", { error: new SkipRetry("no") }, {}],
  ["Cancel is thrown", "canceled", { error: new Cancel("no") }, {}],
  ["RetryAfter is thrown", "retry 5000", { error: new RetryAfter(5000) }, {}],
  ["RetryAfter(0) is thrown", "retry 0", { error: new RetryAfter(0) }, {}],
  ["RetryAfter has no retry left", "dead_letter", { error: new RetryAfter(5), retryCount: 3 }, {}],
  ["RetryAfter is no failure: it counts", "retry 5", { error: new RetryAfter(5) }, {
    isFailure: no,
  }],
  ["it does not count", "retry 100 uncounted", {}, { isFailure: no }],
  ["it does not count, out of retries", "retry 300 uncounted", { retryCount: 3 }, {
    isFailure: no,
  }],
  ["it does not count, and maxRetry is 0", "dead_letter", {}, { isFailure: no, maxRetry: 0 }],
  ["SkipRetry does not count: it is heard", "dead_letter", { error: new SkipRetry("no") }, {
    isFailure: no,
  }],
  ["it does not count, but was abandoned", "retry 100", { abandoned: true }, { isFailure: no }],
  ["isFailure throws", "retry 100", {}, {
    isFailure: () => {
      throw new Error("broken predicate");
    },
  }],
  ["isFailure gives undefined", "retry 100", {}, {
    isFailure: (() => undefined) as unknown as () => boolean,
  }],
];

for (const [when, expected, attempt, own] of table) {
  const wanted = expected === "canceled" ? "cancel" : expected;
  Deno.test(`decide gives ${expected} when ${when}`, () => {
    assertEquals(verdict(attempt, own), wanted);
  });
}

const functions: readonly [string, () => unknown, string][] = [
  ["a number", () => 42, "retry 42"],
  ["0", () => 0, "retry 0"],
  ["a fraction", () => 41.6, "retry 42"],
  ["NaN", () => NaN, "retry 10000"],
  ["Infinity", () => Infinity, "retry 10000"],
  ["a negative number", () => -1, "retry 10000"],
  ["undefined", () => undefined, "retry 10000"],
  ["a promise", () => Promise.resolve(5), "retry 10000"],
  ["a string", () => "5", "retry 10000"],
  ["an error", () => {
    throw new Error("broken backoff");
  }, "retry 10000"],
];

for (const [what, backoff, expected] of functions) {
  Deno.test(`decide gives ${expected} when a backoff function gives ${what}`, () => {
    assertEquals(verdict({}, { backoff: backoff as () => number }), expected);
  });
}

Deno.test("decide gives a backoff function the retry and the error", () => {
  const seen: unknown[] = [];
  const backoff = (retry: number, error: unknown): number => {
    seen.push([retry, error]);
    return 1;
  };
  verdict({ retryCount: 1 }, { backoff });
  verdict({ retryCount: 0 }, { backoff, isFailure: no });
  assertEquals(seen, [[2, failed], [1, failed]]);
});

Deno.test("decide keeps the delay where a store's clock can hold it", () => {
  const latest = 8.64e15 - 1_767_225_600_000;
  for (const ms of [1e300, Number.MAX_SAFE_INTEGER]) {
    const found = decide({ error: failed, retryCount: 0, settings: {} }, {
      maxRetry: 1,
      backoff: () => ms,
    }, () => 0);
    assertEquals(found.kind === "retry" && found.delayMs <= latest, true, `${ms} ms was taken`);
  }
});

Deno.test("decide puts the prefix before the message", () => {
  const found = decide({ error: failed, retryCount: 9, settings: {}, prefix: "Too late: " }, {
    ...policy,
  }, () => 0);
  assertEquals("error" in found && found.error.message, "Too late: broken");
});
