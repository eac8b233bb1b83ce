import { assertEquals, assertThrows } from "@std/assert";
import { InvalidOptionError } from "../../../src/errors.ts";
import { Cancel, findOutcome, RetryAfter, SkipRetry } from "../../../src/settle/outcome.ts";

function wrapped(depth: number, cause: unknown): unknown {
  let error = cause;
  for (let i = 0; i < depth; i++) error = new Error(`level ${i}`, { cause: error });
  return error;
}

const outcomes = [new SkipRetry("no"), new RetryAfter(1), new Cancel("no")];

for (const outcome of outcomes) {
  for (const depth of [0, 1, 5, 19]) {
    Deno.test(`findOutcome finds ${outcome.name} when it is ${depth} causes deep`, () => {
      assertEquals(findOutcome(wrapped(depth, outcome)), outcome);
    });
  }
}

Deno.test("findOutcome gives the outermost when there are two", () => {
  const inner = new SkipRetry("inner");
  const outer = new Cancel("outer", { cause: inner });
  assertEquals(findOutcome(wrapped(2, outer)), outer);
});

const cyclic = new Error("round");
cyclic.cause = new Error("and round", { cause: cyclic });

const none: readonly [string, unknown][] = [
  ["a plain error", new Error("x")],
  ["a cycle of causes", cyclic],
  ["undefined", undefined],
  ["null", null],
  ["a string", "SkipRetry"],
  ["an object like one", { name: "SkipRetry", cause: new SkipRetry("x") }],
  ["a cause that is no error", new Error("x", { cause: "SkipRetry" })],
];

for (const [what, error] of none) {
  Deno.test(`findOutcome finds nothing in ${what}`, () => {
    assertEquals(findOutcome(error), undefined);
  });
}

Deno.test("RetryAfter keeps its delay, message and cause", () => {
  const cause = new Error("why");
  const error = new RetryAfter(1500, "rate limited", { cause });
  assertEquals([error.delayMs, error.message, error.cause], [1500, "rate limited", cause]);
  assertEquals(new RetryAfter(1500).message, "Asked to be retried after 1500 ms");
});

for (const delay of [-1, 0.5, NaN, Infinity, "1000", undefined]) {
  Deno.test(`RetryAfter throws when the delay is ${delay}`, () => {
    assertThrows(() => new RetryAfter(delay as number), InvalidOptionError, "'delayMs'");
  });
}

Deno.test("outcomes have stable names and codes", () => {
  assertEquals(outcomes.map(({ name, code }) => [name, code]), [
    ["SkipRetry", "SKIP_RETRY"],
    ["RetryAfter", "RETRY_AFTER"],
    ["Cancel", "CANCEL"],
  ]);
});
