import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkBackoff } from "../../src/check_backoff.ts";
import { InvalidOptionError } from "../../src/errors.ts";
import type { BackoffPolicy } from "../../src/job/backoff.ts";

const accepted: readonly BackoffPolicy[] = [
  { type: "fixed" },
  { type: "fixed", baseMs: 0, maxMs: 0, jitter: 0 },
  { type: "linear", baseMs: 5, jitter: 1 },
  { type: "exponential", baseMs: undefined, maxMs: 1000 },
  { type: "polynomial", exponent: 0 },
  { type: "polynomial", exponent: 2.5 },
  { type: "custom", intervals: [0] },
  { type: "custom", intervals: Array(100).fill(1), jitter: 0.5 },
];

for (const policy of accepted) {
  Deno.test(`checkBackoff accepts ${JSON.stringify(policy).slice(0, 60)}`, () => {
    checkBackoff("enqueue job", "backoff", policy);
  });
}

const refused: readonly [unknown, string][] = [
  [{}, "'backoff.type' must be one of"],
  [{ type: "weird" }, "'backoff.type' must be one of"],
  [{ type: "fixed", baseMs: -1 }, "'backoff.baseMs' must be a whole number >= 0"],
  [{ type: "fixed", baseMs: 0.5 }, "'backoff.baseMs' must be a whole number >= 0"],
  [{ type: "fixed", maxMs: NaN }, "'backoff.maxMs' must be a whole number >= 0"],
  [{ type: "polynomial", exponent: -1 }, "'backoff.exponent' must be a number from 0 to 10"],
  [{ type: "polynomial", exponent: 11 }, "'backoff.exponent' must be a number from 0 to 10"],
  [{ type: "fixed", jitter: 1.01 }, "'backoff.jitter' must be a number from 0 to 1"],
  [{ type: "fixed", jitter: -0.1 }, "'backoff.jitter' must be a number from 0 to 1"],
  [{ type: "custom" }, "if and only if the type is 'custom'"],
  [{ type: "fixed", intervals: [1] }, "if and only if the type is 'custom'"],
  [{ type: "custom", intervals: [] }, "must be a list of 1 to 100 milliseconds"],
  [{ type: "custom", intervals: Array(101).fill(1) }, "must be a list of 1 to 100 milliseconds"],
  [{ type: "custom", intervals: "10" }, "must be a list of 1 to 100 milliseconds"],
  [{ type: "custom", intervals: [1, -1] }, "must be a whole number >= 0"],
  [{ type: "custom", intervals: ["1"] }, "must be a whole number >= 0"],
  [{ type: "fixed", base: 1 }, "must not be given"],
];

for (const [policy, rule] of refused) {
  Deno.test(`checkBackoff refuses ${JSON.stringify(policy).slice(0, 60)}`, () => {
    const error = assertThrows(
      () => checkBackoff("enqueue job", "backoff", policy as BackoffPolicy),
      InvalidOptionError,
    );
    assertStringIncludes(error.message, "Cannot enqueue job as '");
    assertStringIncludes(error.message, rule);
    assertStringIncludes(error.message, "current value is ");
  });
}

Deno.test("checkBackoff names the option that holds the policy when a key is unknown", () => {
  const error = assertThrows(
    () => checkBackoff("add pool", "backoff", { type: "fixed", base: 1 } as BackoffPolicy),
    InvalidOptionError,
  );
  assertEquals(error.option, "backoff.base");
});

for (const policy of [null, "fixed", 5]) {
  Deno.test(`checkBackoff names the option that holds the policy when it is ${policy}`, () => {
    const error = assertThrows(
      () => checkBackoff("add pool", "backoff", policy as unknown as BackoffPolicy),
      InvalidOptionError,
    );
    assertEquals(error.option, "backoff", error.message);
  });
}
