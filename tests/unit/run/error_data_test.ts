import { assertEquals, assertInstanceOf } from "@std/assert";
import { DuplicateJobError } from "../../../src/enqueue/errors.ts";
import type { JobHandle } from "../../../src/enqueue/handle.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { errorData, errorFrom } from "../../../src/run/error_data.ts";
import { JobTimeoutError, LeaseLostError } from "../../../src/run/errors.ts";
import { Cancel, findOutcome, RetryAfter, SkipRetry } from "../../../src/settle/outcome.ts";
import { StoreBusyError } from "../../../src/store/errors.ts";

/** As another thread gets it. */
function passed(thrown: unknown): unknown {
  return errorFrom(structuredClone(errorData(thrown)));
}

const ours: readonly (Error & { code: string })[] = [
  new SkipRetry("a"),
  new RetryAfter(5, "b"),
  new Cancel("c"),
  new JobTimeoutError(7),
  new LeaseLostError("id"),
  new InvalidOptionError("do it", "o", "be", 1),
  new StoreBusyError("d"),
];

for (const error of ours) {
  Deno.test(`errorFrom makes a ${error.name} again, with its fields`, () => {
    const again = passed(error) as typeof error;
    assertInstanceOf(again, error.constructor as new () => Error);
    assertEquals({ ...again }, { ...error });
    assertEquals([again.name, again.message, again.stack], [
      error.name,
      error.message,
      error.stack,
    ]);
    assertEquals(Error.isError(again), true);
  });
}

Deno.test("errorFrom makes errors of the language again, with their own properties", () => {
  const error = Object.assign(new RangeError("r"), { status: 503, nested: { a: [1] } });
  const again = passed(error) as typeof error;
  assertInstanceOf(again, RangeError);
  assertEquals([again.status, again.nested], [503, { a: [1] }]);
});

Deno.test("errorFrom gives an unknown class its name, and the nearest known one as its class", () => {
  class NoUse extends SkipRetry {}
  class Odd extends TypeError {
    override readonly name = "Odd";
  }
  assertInstanceOf(passed(new NoUse("n")), SkipRetry);
  const odd = passed(new Odd("o")) as Odd;
  assertInstanceOf(odd, TypeError);
  assertEquals(odd.name, "Odd");
});

Deno.test("errorFrom takes a foreign class with a name of ours for what it is", () => {
  class Cancel extends Error {
    override readonly name = "Cancel";
  }
  assertEquals(findOutcome(passed(new Cancel("theirs"))), undefined);
});

Deno.test("errorFrom keeps the chain of causes, so that an outcome in it counts", () => {
  const chain = new Error("a", { cause: new Error("b", { cause: new SkipRetry("c") }) });
  assertEquals(findOutcome(passed(chain))?.message, "c");
  const values = passed(new Error("a", { cause: "text" })) as Error;
  assertEquals(values.cause, "text");
});

Deno.test("errorData keeps only the first of endless causes", () => {
  const error = new Error("self");
  error.cause = error;
  let depth = 0;
  for (let at: unknown = passed(error); at instanceof Error; at = at.cause) depth++;
  assertEquals(depth, 20);
});

for (const value of ["text", 5, null, undefined, { a: 1 }]) {
  Deno.test(`errorFrom gives ${JSON.stringify(value)} back when it was thrown`, () => {
    assertEquals(passed(value), value);
  });
}

const unreadable: readonly [string, () => unknown, string][] = [
  ["a bigint", () => 5n, "5n"],
  ["a revoked proxy", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }, "Something that cannot be read was thrown"],
  ["an error whose message throws", () => {
    return Object.defineProperty(new Error(), "message", {
      get: () => {
        throw new Error("no");
      },
    });
  }, "Something that cannot be read was thrown"],
];

for (const [what, make, text] of unreadable) {
  Deno.test(`errorData says so when what was thrown is ${what}`, () => {
    assertEquals(passed(make()), text);
  });
}

Deno.test("errorData leaves out properties that cannot be written", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const again = passed(Object.assign(new Error("e"), { circular })) as Error;
  assertEquals([again.message, Object.keys(again)], ["e", []]);
});

Deno.test("errorData keeps of the handle in a DuplicateJobError what is data", () => {
  const existing = { id: "a", status: "ready", isNew: false, job() {}, result() {} };
  const error = new DuplicateJobError(existing as unknown as JobHandle);
  const again = passed(error) as DuplicateJobError;
  assertInstanceOf(again, DuplicateJobError);
  assertEquals<unknown>(again.existing, { id: "a", status: "ready", isNew: false });
});
